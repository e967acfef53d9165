"""Which actions the provider needs for each resource type.

CloudFormation's schemas say it for its own types (`data.json`). The rest is here: what the provider
of Pulumi calls besides, and types that CloudFormation does not have.
"""

CLOUDFORMATION = {
    "aws:acm/certificate:Certificate": "AWS::CertificateManager::Certificate",
    "aws:apigateway/account:Account": "AWS::ApiGateway::Account",
    "aws:apigateway/apiKey:ApiKey": "AWS::ApiGateway::ApiKey",
    "aws:apigateway/deployment:Deployment": "AWS::ApiGateway::Deployment",
    "aws:apigateway/restApi:RestApi": "AWS::ApiGateway::RestApi",
    "aws:apigateway/stage:Stage": "AWS::ApiGateway::Stage",
    "aws:apigateway/usagePlan:UsagePlan": "AWS::ApiGateway::UsagePlan",
    "aws:apigateway/usagePlanKey:UsagePlanKey": "AWS::ApiGateway::UsagePlanKey",
    "aws:appautoscaling/policy:Policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "aws:appautoscaling/target:Target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "aws:athena/namedQuery:NamedQuery": "AWS::Athena::NamedQuery",
    "aws:athena/workgroup:Workgroup": "AWS::Athena::WorkGroup",
    "aws:autoscaling/group:Group": "AWS::AutoScaling::AutoScalingGroup",
    "aws:autoscaling/policy:Policy": "AWS::AutoScaling::ScalingPolicy",
    "aws:cloudcontrol/resource:Resource": "AWS::QuickSight::Dashboard",
    "aws:cloudfront/cachePolicy:CachePolicy": "AWS::CloudFront::CachePolicy",
    "aws:cloudfront/distribution:Distribution": "AWS::CloudFront::Distribution",
    "aws:cloudfront/function:Function": "AWS::CloudFront::Function",
    "aws:cloudfront/keyGroup:KeyGroup": "AWS::CloudFront::KeyGroup",
    "aws:cloudfront/keyValueStore:KeyValueStore": "AWS::CloudFront::KeyValueStore",
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": (
        "AWS::CloudFront::MonitoringSubscription"
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": (
        "AWS::CloudFront::OriginAccessControl"
    ),
    "aws:cloudfront/publicKey:PublicKey": "AWS::CloudFront::PublicKey",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (
        "AWS::CloudFront::ResponseHeadersPolicy"
    ),
    "aws:cloudfront/vpcOrigin:VpcOrigin": "AWS::CloudFront::VpcOrigin",
    "aws:cloudwatch/dashboard:Dashboard": "AWS::CloudWatch::Dashboard",
    "aws:cloudwatch/eventArchive:EventArchive": "AWS::Events::Archive",
    "aws:cloudwatch/eventBus:EventBus": "AWS::Events::EventBus",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "AWS::Events::EventBusPolicy",
    "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
    "aws:cloudwatch/logDelivery:LogDelivery": "AWS::Logs::Delivery",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": (
        "AWS::Logs::DeliveryDestination"
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "AWS::Logs::DeliverySource",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "AWS::Logs::MetricFilter",
    "aws:cloudwatch/logStream:LogStream": "AWS::Logs::LogStream",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:codedeploy/application:Application": "AWS::CodeDeploy::Application",
    "aws:codedeploy/deploymentGroup:DeploymentGroup": "AWS::CodeDeploy::DeploymentGroup",
    "aws:cognito/identityPool:IdentityPool": "AWS::Cognito::IdentityPool",
    "aws:cognito/identityPoolProviderPrincipalTag:IdentityPoolProviderPrincipalTag": (
        "AWS::Cognito::IdentityPoolPrincipalTag"
    ),
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": (
        "AWS::Cognito::IdentityPoolRoleAttachment"
    ),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": "AWS::Cognito::ManagedLoginBranding",
    "aws:cognito/resourceServer:ResourceServer": "AWS::Cognito::UserPoolResourceServer",
    "aws:cognito/userPool:UserPool": "AWS::Cognito::UserPool",
    "aws:cognito/userPoolClient:UserPoolClient": "AWS::Cognito::UserPoolClient",
    "aws:cognito/userPoolDomain:UserPoolDomain": "AWS::Cognito::UserPoolDomain",
    "aws:dax/parameterGroup:ParameterGroup": "AWS::DAX::ParameterGroup",
    "aws:dax/subnetGroup:SubnetGroup": "AWS::DAX::SubnetGroup",
    "aws:dynamodb/table:Table": "AWS::DynamoDB::Table",
    "aws:ec2/eip:Eip": "AWS::EC2::EIP",
    "aws:ec2/flowLog:FlowLog": "AWS::EC2::FlowLog",
    "aws:ec2/internetGateway:InternetGateway": "AWS::EC2::InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate": "AWS::EC2::LaunchTemplate",
    "aws:ec2/natGateway:NatGateway": "AWS::EC2::NatGateway",
    "aws:ec2/route:Route": "AWS::EC2::Route",
    "aws:ec2/routeTable:RouteTable": "AWS::EC2::RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup": "AWS::EC2::SecurityGroup",
    "aws:ec2/subnet:Subnet": "AWS::EC2::Subnet",
    "aws:ec2/vpc:Vpc": "AWS::EC2::VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws:ecr/repository:Repository": "AWS::ECR::Repository",
    "aws:ecs/cluster:Cluster": "AWS::ECS::Cluster",
    "aws:ecs/service:Service": "AWS::ECS::Service",
    "aws:ecs/taskDefinition:TaskDefinition": "AWS::ECS::TaskDefinition",
    "aws:elasticache/serverlessCache:ServerlessCache": "AWS::ElastiCache::ServerlessCache",
    "aws:elasticache/user:User": "AWS::ElastiCache::User",
    "aws:elasticache/userGroup:UserGroup": "AWS::ElastiCache::UserGroup",
    "aws:glue/catalogDatabase:CatalogDatabase": "AWS::Glue::Database",
    "aws:glue/catalogTable:CatalogTable": "AWS::Glue::Table",
    "aws:iam/instanceProfile:InstanceProfile": "AWS::IAM::InstanceProfile",
    "aws:iam/role:Role": "AWS::IAM::Role",
    "aws:iam/rolePolicy:RolePolicy": "AWS::IAM::RolePolicy",
    "aws:iot/policy:Policy": "AWS::IoT::Policy",
    "aws:iot/topicRule:TopicRule": "AWS::IoT::TopicRule",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        "AWS::KinesisFirehose::DeliveryStream"
    ),
    "aws:kinesis/stream:Stream": "AWS::Kinesis::Stream",
    "aws:kms/key:Key": "AWS::KMS::Key",
    "aws:lambda/alias:Alias": "AWS::Lambda::Alias",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "AWS::Lambda::EventSourceMapping",
    "aws:lambda/function:Function": "AWS::Lambda::Function",
    "aws:lambda/permission:Permission": "AWS::Lambda::Permission",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:quicksight/dataSet:DataSet": "AWS::QuickSight::DataSet",
    "aws:quicksight/dataSource:DataSource": "AWS::QuickSight::DataSource",
    "aws:rds/cluster:Cluster": "AWS::RDS::DBCluster",
    "aws:rds/clusterInstance:ClusterInstance": "AWS::RDS::DBInstance",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "AWS::RDS::DBClusterParameterGroup",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws:redshift/integration:Integration": "AWS::Redshift::Integration",
    "aws:redshiftserverless/namespace:Namespace": "AWS::RedshiftServerless::Namespace",
    "aws:redshiftserverless/workgroup:Workgroup": "AWS::RedshiftServerless::Workgroup",
    "aws:route53/record:Record": "AWS::Route53::RecordSet",
    "aws:route53/zone:Zone": "AWS::Route53::HostedZone",
    "aws:s3/bucketPolicy:BucketPolicy": "AWS::S3::BucketPolicy",
    "aws:schemas/registry:Registry": "AWS::EventSchemas::Registry",
    "aws:schemas/schema:Schema": "AWS::EventSchemas::Schema",
    "aws:secretsmanager/secret:Secret": "AWS::SecretsManager::Secret",
    "aws:ses/template:Template": "AWS::SES::Template",
    "aws:sesv2/configurationSet:ConfigurationSet": "AWS::SES::ConfigurationSet",
    "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": (
        "AWS::SES::ConfigurationSetEventDestination"
    ),
    "aws:sesv2/emailIdentity:EmailIdentity": "AWS::SES::EmailIdentity",
    "aws:sns/topic:Topic": "AWS::SNS::Topic",
    "aws:sns/topicPolicy:TopicPolicy": "AWS::SNS::TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
    "aws:sqs/queue:Queue": "AWS::SQS::Queue",
    "aws:sqs/queuePolicy:QueuePolicy": "AWS::SQS::QueuePolicy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
    "aws:wafv2/ipSet:IpSet": "AWS::WAFv2::IPSet",
    "aws:wafv2/webAcl:WebAcl": "AWS::WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
}
"""The type of CloudFormation with the same operations."""

MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "aws:acm/certificateValidation:CertificateValidation": {"read": ("acm:DescribeCertificate",)},
    "aws:apigateway/methodSettings:MethodSettings": {
        "read": ("apigateway:GET",),
        "update": ("apigateway:PATCH",),
    },
    "aws:cloudfront/distribution:Distribution": {
        # "Set up IAM permissions and roles for Lambda@Edge", CloudFront Developer Guide. A web ACL
        # is set by its ARN, and CloudFront reads it with the caller's permissions.
        "create": ("lambda:EnableReplication", "lambda:GetFunction", "wafv2:GetWebACL"),
        "delete": ("lambda:DisableReplication",),
    },
    "aws:cloudfront/keyvaluestoreKeysExclusive:KeyvaluestoreKeysExclusive": {
        "read": (
            "cloudfront-keyvaluestore:DescribeKeyValueStore",
            "cloudfront-keyvaluestore:ListKeys",
        ),
        "update": ("cloudfront-keyvaluestore:UpdateKeys",),
    },
    "aws:cloudfront/vpcOrigin:VpcOrigin": {
        # CloudFront looks for the load balancer and the gateway of its VPC as the caller.
        each: (
            "ec2:DescribeInternetGateways",
            "elasticloadbalancing:DescribeLoadBalancers",
        )
        for each in ("create", "update", "delete")
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
        "create": ("events:PutTargets",),
        "read": ("events:ListTargetsByRule",),
        "delete": ("events:RemoveTargets",),
    },
    # "Logs sent to CloudWatch Logs" and "Service-specific permissions" in "Logging that requires
    # additional permissions [V2]", CloudWatch Logs User Guide: with the caller's permissions,
    # CreateDelivery lets the service write to the log group by its resource policy.
    "aws:cloudwatch/logDelivery:LogDelivery": {
        "create": (
            "logs:DescribeConfigurationTemplates",
            "logs:DescribeDeliveryDestinations",
            "logs:DescribeDeliverySources",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ),
    },
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": {
        "create": ("cloudfront:AllowVendedLogDeliveryForResource",),
    },
    "aws:dax/cluster:Cluster": {
        "create": (
            "dax:CreateCluster",
            "dax:TagResource",
            # "Using identity-based policies (IAM policies) for DAX", DynamoDB Developer Guide
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:GetRole",
        ),
        "read": ("dax:DescribeClusters", "dax:ListTags"),
        "update": (
            "dax:DecreaseReplicationFactor",
            "dax:IncreaseReplicationFactor",
            "dax:UntagResource",
            "dax:UpdateCluster",
        ),
        "delete": ("dax:DeleteCluster",),
    },
    "aws:dynamodb/table:Table": {
        "delete": ("dynamodb:DeleteTableReplica",),
    },
    # The provider takes the group of AWS over: it removes its rules and tags it.
    # "Amazon EC2 Auto Scaling API permissions": whoever names a template launches its instances.
    # internal/service/autoscaling/group.go: it waits for healthy instances, and ends them first.
    "aws:autoscaling/group:Group": {
        "create": ("ec2:RunInstances",),
        "read": (
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeScalingActivities",
            "ec2:DescribeInstances",
            "elasticloadbalancing:DescribeTargetHealth",
        ),
    },
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        "create": (
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateTags",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ),
        "read": ("ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"),
    },
    # The provider waits for the interfaces of functions in a VPC, and deletes those that are left.
    "aws:ec2/securityGroup:SecurityGroup": {
        "read": ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules"),
        "delete": ("ec2:DeleteNetworkInterface",),
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {"read": ("ec2:DescribeLaunchTemplateVersions",)},
    "aws:ec2/subnet:Subnet": {"read": ("ec2:DescribeNetworkInterfaces",)},
    "aws:ec2/vpc:Vpc": {"read": ("ec2:DescribeRouteTables",)},
    # internal/service/ec2/vpc_endpoint.go: the CIDR blocks of a gateway endpoint
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "read": ("ec2:DescribePrefixLists", "ec2:DescribeRouteTables"),
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
        "create": ("ecr:PutLifecyclePolicy",),
        "read": ("ecr:GetLifecyclePolicy",),
        "delete": ("ecr:DeleteLifecyclePolicy",),
    },
    # internal/service/ecs/service.go: it follows a deployment, and rolls it back on an interrupt.
    "aws:ecs/service:Service": {
        "create": (
            "ecs:DescribeServiceDeployments",
            "ecs:ListServiceDeployments",
            "ecs:StopServiceDeployment",
        ),
    },
    "aws:glue/catalogDatabase:CatalogDatabase": {
        "create": ("glue:TagResource",),
        "read": ("glue:GetTags",),
        "update": ("glue:UntagResource",),
    },
    # internal/service/glue/catalog_table.go
    "aws:glue/catalogTable:CatalogTable": {"read": ("glue:GetPartitionIndexes",)},
    # internal/service/iam/role.go: a role is taken out of its instance profiles first.
    "aws:iam/role:Role": {
        "read": ("iam:ListRoleTags",),
        "delete": ("iam:ListInstanceProfilesForRole",),
    },
    "aws:lambda/function:Function": {
        # A function in a VPC: "Giving Lambda functions access to resources in an Amazon VPC".
        "create": ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
        "read": (
            "lambda:GetFunctionConfiguration",
            "lambda:ListTags",
            "lambda:ListVersionsByFunction",
        ),
    },
    "aws:lambda/invocation:Invocation": {"create": ("lambda:InvokeFunction",)},
    "aws:s3/bucket:Bucket": {
        "create": ("s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource"),
        # The provider reads each setting of a bucket, also those that it does not manage.
        "read": (
            "s3:GetAccelerateConfiguration",
            "s3:GetBucketAcl",
            "s3:GetBucketCORS",
            "s3:GetBucketLocation",
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketPolicy",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetBucketWebsite",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
            "s3:ListTagsForResource",
        ),
        "update": ("s3:UntagResource",),
        "delete": ("s3:DeleteBucket",),
    },
    "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2": {
        "create": ("s3:PutAccelerateConfiguration",),
        "read": ("s3:GetAccelerateConfiguration",),
    },
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": {
        "create": ("s3:PutBucketCORS",),
        "read": ("s3:GetBucketCORS",),
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "create": ("s3:PutLifecycleConfiguration",),
        "read": ("s3:GetLifecycleConfiguration",),
    },
    "aws:s3/bucketLogging:BucketLogging": {
        "create": ("s3:PutBucketLogging",),
        "read": ("s3:GetBucketLogging",),
    },
    "aws:s3/bucketNotification:BucketNotification": {
        "create": ("s3:PutBucketNotification",),
        "read": ("s3:GetBucketNotification",),
    },
    "aws:s3/bucketObjectv2:BucketObjectv2": {
        "create": ("s3:PutObject", "s3:PutObjectTagging"),
        "read": ("s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"),
        "update": ("s3:DeleteObjectTagging",),
        "delete": ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"),
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
        "create": ("s3:PutBucketOwnershipControls",),
        "read": ("s3:GetBucketOwnershipControls",),
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "create": ("s3:PutBucketPublicAccessBlock",),
        "read": ("s3:GetBucketPublicAccessBlock",),
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "create": ("s3:PutEncryptionConfiguration",),
        "read": ("s3:GetEncryptionConfiguration",),
    },
    "aws:s3/bucketVersioning:BucketVersioning": {
        "create": ("s3:PutBucketVersioning",),
        "read": ("s3:GetBucketVersioning",),
    },
    "aws:redshift/resourcePolicy:ResourcePolicy": {
        "create": ("redshift:PutResourcePolicy",),
        "read": ("redshift:GetResourcePolicy",),
        "delete": ("redshift:DeleteResourcePolicy",),
    },
    "aws:secretsmanager/secret:Secret": {"read": ("secretsmanager:GetResourcePolicy",)},
    "aws:sesv2/configurationSet:ConfigurationSet": {"read": ("ses:ListTagsForResource",)},
    "aws:sns/topicPolicy:TopicPolicy": {"read": ("sns:GetTopicAttributes",)},
    "aws:sqs/queuePolicy:QueuePolicy": {"read": ("sqs:GetQueueAttributes",)},
    # Cloud Control calls the service with the permissions of its caller.
    "aws:cloudcontrol/resource:Resource": {
        "create": ("cloudformation:CreateResource",),
        "read": ("cloudformation:GetResource", "cloudformation:GetResourceRequestStatus"),
        "update": ("cloudformation:UpdateResource",),
        "delete": ("cloudformation:DeleteResource",),
    },
    # "AssociateWebACL" in the AWS WAF API reference: a stage of an API needs the second action.
    "aws:wafv2/webAclAssociation:WebAclAssociation": {
        "create": ("apigateway:SetWebACL",),
        "delete": ("apigateway:SetWebACL",),
    },
}
"""What the provider calls besides the operations of CloudFormation's type, or without one."""

LESS = frozenset(
    (
        # Data: a deploy reads and writes none. An import and a new replica would.
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeImport",
        "dynamodb:GetItem",
        "dynamodb:ImportTable",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
        # Roles have only policies of their own: another one could hold any permission.
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        # Set by limits of their own, in `statements.py`
        "iam:CreateServiceLinkedRole",
        "iam:PassRole",
        # A function of the component refreshes instances.
        "autoscaling:CancelInstanceRefresh",
        "autoscaling:StartInstanceRefresh",
        # Features that no component has
        "autoscaling:DeleteLifecycleHook",
        "autoscaling:DeleteNotificationConfiguration",
        "autoscaling:DisableMetricsCollection",
        "autoscaling:EnableMetricsCollection",
        "autoscaling:PutLifecycleHook",
        "autoscaling:PutNotificationConfiguration",
        "autoscaling:ResumeProcesses",
        "autoscaling:SuspendProcesses",
        "cloudfront:CreateConnectionGroup",
        "cloudfront:GetConnectionGroup",
        "cloudfront:UpdateDistributionWithStagingConfig",
        "ec2:CreateVpcEncryptionControl",
        "ec2:ModifyVpcTenancy",
        "glue:CreateConnection",
        "glue:DeleteConnection",
        "glue:GetConnection",
        "glue:GetSchemaVersion",
        "glue:PassConnection",
        "glue:UpdateConnection",
        "lambda:DeleteFunctionCodeSigningConfig",
        "lambda:GetCodeSigningConfig",
        "lambda:GetLayerVersion",
        "lambda:PutFunctionCodeSigningConfig",
        "lambda:AssociateRuntimeAlias",
        "lambda:PassCapacityProvider",
        "lambda:PutFunctionScalingConfig",
        "logs:CreateLogDelivery",
        "logs:DeleteDataProtectionPolicy",
        "logs:DeleteIndexPolicy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy",
        "logs:PutIndexPolicy",
        "route53:ListHostedZones",
        "secretsmanager:GetRandomPassword",
        "secretsmanager:RemoveRegionsFromReplication",
        "secretsmanager:ReplicateSecretToRegions",
        "ses:DescribeConfigurationSet",
        "ses:PutConfigurationSetArchivingOptions",
        # Releases are started by `tools.release`, with the permissions of a person.
        "codedeploy:CreateDeployment",
        "codedeploy:RegisterOnPremisesInstance",
        "codedeploy:StopDeployment",
    )
)
"""Operations of CloudFormation's types that no resource of this project needs."""

KINDS = {"aws:s3/": "s3:object", "aws:vpc/": "ec2:security-group-rule"}
"""Kinds of resources that no single action of the types is for."""

REPLICATION = tuple(
    f"dynamodb:{each}"
    for each in (
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "UpdateItem",
    )
)
"""What DynamoDB asks for of whoever adds a replica ("Using IAM with global tables")."""

ENCRYPTION = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What DynamoDB, Lambda, S3 and others do with a key of yours for whoever creates a store."""

EMPTYING = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions")
"""A bucket with `forceDestroy` is emptied before it is deleted."""

CONTENTS = ("s3:GetObject", "s3:GetObjectTagging")
"""What reads data, and not settings."""

SERVICE_LINKED = {
    "aws:appautoscaling/target:Target": (
        "dynamodb.application-autoscaling.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
    ),
    "aws:cloudfront/distribution:Distribution": (
        "logger.cloudfront.amazonaws.com",
        "replicator.lambda.amazonaws.com",
    ),
    "aws:autoscaling/group:Group": ("autoscaling.amazonaws.com",),
    "aws:cloudfront/vpcOrigin:VpcOrigin": ("vpcorigin.cloudfront.amazonaws.com",),
    "aws:dax/cluster:Cluster": ("dax.amazonaws.com",),
    "aws:ecs/cluster:Cluster": ("ecs.amazonaws.com",),
    "aws:elasticache/serverlessCache:ServerlessCache": ("elasticache.amazonaws.com",),
    "aws:lb/loadBalancer:LoadBalancer": ("elasticloadbalancing.amazonaws.com",),
    "aws:rds/cluster:Cluster": ("rds.amazonaws.com",),
    "aws:rds/instance:Instance": ("rds.amazonaws.com",),
    "aws:redshiftserverless/namespace:Namespace": ("redshift.amazonaws.com",),
}
"""The services that make a role of their own in the account when such a resource is created."""

FUNCTIONS = {
    "aws:cloudwatch/getEventBus:getEventBus": ("events:DescribeEventBus",),
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": (
        "ec2:DescribeManagedPrefixLists",
        "ec2:GetManagedPrefixListEntries",
    ),
    "aws:index/getAvailabilityZones:getAvailabilityZones": ("ec2:DescribeAvailabilityZones",),
    "aws:index/getCallerIdentity:getCallerIdentity": (),  # every identity may ask who it is
    "aws:index/getRegion:getRegion": (),  # asks nothing
    "aws:iot/getEndpoint:getEndpoint": ("iot:DescribeEndpoint",),
    "aws:kms/getPublicKey:getPublicKey": ("kms:GetPublicKey",),
    "aws:lb/getLoadBalancer:getLoadBalancer": (
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
    ),
    "aws:s3/getBucket:getBucket": ("s3:GetBucketLocation", "s3:ListBucket"),
    "aws:ssm/getParameter:getParameter": ("ssm:GetParameter",),
}
"""What the functions of the provider read, which each preview calls."""
