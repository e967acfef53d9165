"""The operations that delete resources, type by type."""

CALLS = {
    "aws:acm/certificate:Certificate": "acm.delete_certificate(CertificateArn=id)",
    "aws:apigateway/apiKey:ApiKey": "apigateway.delete_api_key(apiKey=id)",
    "aws:apigateway/basePathMapping:BasePathMapping": (
        "apigateway.delete_base_path_mapping(domainName=domainName, basePath=basePath)"
    ),
    "aws:apigateway/deployment:Deployment": (
        "apigateway.delete_deployment(restApiId=restApi, deploymentId=id)"
    ),
    "aws:apigateway/domainName:DomainName": "apigateway.delete_domain_name(domainName=id)",
    "aws:apigateway/restApi:RestApi": "apigateway.delete_rest_api(restApiId=id)",
    "aws:apigateway/stage:Stage": "apigateway.delete_stage(restApiId=restApi, stageName=stageName)",
    "aws:apigateway/usagePlan:UsagePlan": "apigateway.delete_usage_plan(usagePlanId=id)",
    "aws:apigateway/usagePlanKey:UsagePlanKey": (
        "apigateway.delete_usage_plan_key(usagePlanId=usagePlanId, keyId=keyId)"
    ),
    "aws:athena/namedQuery:NamedQuery": "athena.delete_named_query(NamedQueryId=id)",
    "aws:athena/workgroup:Workgroup": "athena.delete_work_group(WorkGroup=id)",
    "aws:cloudwatch/eventArchive:EventArchive": "events.delete_archive(ArchiveName=id)",
    "aws:cloudwatch/eventBus:EventBus": "events.delete_event_bus(Name=name)",
    "aws:cloudwatch/eventRule:EventRule": (
        "events.delete_rule(Name=name, EventBusName=eventBusName)"
    ),
    "aws:cloudwatch/logGroup:LogGroup": "logs.delete_log_group(logGroupName=name)",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        "logs.delete_metric_filter(logGroupName=logGroupName, filterName=name)"
    ),
    "aws:cloudwatch/logStream:LogStream": (
        "logs.delete_log_stream(logGroupName=logGroupName, logStreamName=name)"
    ),
    "aws:cognito/identityPool:IdentityPool": (
        "cognito-identity.delete_identity_pool(IdentityPoolId=id)"
    ),
    "aws:cognito/resourceServer:ResourceServer": (
        "cognito-idp.delete_resource_server(UserPoolId=userPoolId, Identifier=identifier)"
    ),
    "aws:cognito/userGroup:UserGroup": (
        "cognito-idp.delete_group(UserPoolId=userPoolId, GroupName=name)"
    ),
    "aws:cognito/userPool:UserPool": "cognito-idp.delete_user_pool(UserPoolId=id)",
    "aws:cognito/userPoolClient:UserPoolClient": (
        "cognito-idp.delete_user_pool_client(UserPoolId=userPoolId, ClientId=id)"
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": (
        "cognito-idp.delete_user_pool_domain(UserPoolId=userPoolId, Domain=domain)"
    ),
    "aws:dynamodb/table:Table": "dynamodb.delete_table(TableName=name)",
    "aws:ec2/routeTable:RouteTable": "ec2.delete_route_table(RouteTableId=id)",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        "ec2.disassociate_route_table(AssociationId=id)"
    ),
    "aws:ec2/securityGroup:SecurityGroup": "ec2.delete_security_group(GroupId=id)",
    "aws:ec2/subnet:Subnet": "ec2.delete_subnet(SubnetId=id)",
    "aws:ec2/vpc:Vpc": "ec2.delete_vpc(VpcId=id)",
    "aws:glue/catalogDatabase:CatalogDatabase": "glue.delete_database(Name=name)",
    "aws:glue/catalogTable:CatalogTable": "glue.delete_table(DatabaseName=databaseName, Name=name)",
    "aws:iam/policy:Policy": "iam.delete_policy(PolicyArn=arn)",
    "aws:iam/role:Role": "iam.delete_role(RoleName=name)",
    "aws:iam/rolePolicy:RolePolicy": "iam.delete_role_policy(RoleName=role, PolicyName=name)",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam.detach_role_policy(RoleName=role, PolicyArn=policyArn)"
    ),
    "aws:iot/policy:Policy": "iot.delete_policy(policyName=name)",
    "aws:iot/topicRule:TopicRule": "iot.delete_topic_rule(ruleName=name)",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        "firehose.delete_delivery_stream(DeliveryStreamName=name)"
    ),
    "aws:kinesis/stream:Stream": "kinesis.delete_stream(StreamName=name)",
    "aws:kms/alias:Alias": "kms.delete_alias(AliasName=name)",
    "aws:lambda/alias:Alias": "lambda.delete_alias(FunctionName=functionName, Name=name)",
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        "lambda.delete_event_source_mapping(UUID=id)"
    ),
    "aws:lambda/function:Function": "lambda.delete_function(FunctionName=name)",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (
        "lambda.delete_function_event_invoke_config(FunctionName=functionName, Qualifier=qualifier)"
    ),
    "aws:lambda/permission:Permission": (
        "lambda.remove_permission("
        "FunctionName=function, StatementId=statementId, Qualifier=qualifier)"
    ),
    "aws:route53/zone:Zone": "route53.delete_hosted_zone(Id=id)",
    "aws:s3/bucketObjectv2:BucketObjectv2": "s3.delete_object(Bucket=bucket, Key=key)",
    "aws:scheduler/schedule:Schedule": "scheduler.delete_schedule(Name=name, GroupName=groupName)",
    "aws:ses/template:Template": "ses.delete_template(TemplateName=name)",
    "aws:sesv2/configurationSet:ConfigurationSet": (
        "sesv2.delete_configuration_set(ConfigurationSetName=configurationSetName)"
    ),
    "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": (
        "sesv2.delete_configuration_set_event_destination("
        "ConfigurationSetName=configurationSetName, EventDestinationName=eventDestinationName)"
    ),
    "aws:sesv2/emailIdentity:EmailIdentity": (
        "sesv2.delete_email_identity(EmailIdentity=emailIdentity)"
    ),
    "aws:sns/topic:Topic": "sns.delete_topic(TopicArn=arn)",
    "aws:sns/topicSubscription:TopicSubscription": "sns.unsubscribe(SubscriptionArn=arn)",
    "aws:sqs/queue:Queue": "sqs.delete_queue(QueueUrl=url)",
}
"""service.operation(parameter=property): the properties are those of the state, and its ID."""
