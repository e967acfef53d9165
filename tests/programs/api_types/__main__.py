"""An API of notes with users and their folders: one resource of each type that it needs."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws

SITE = "http://localhost:5173"


def trust(**principal: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# The function behind the API
role = aws.iam.Role("notes", assume_role_policy=trust(Service="lambda.amazonaws.com"))
functions = {
    name: aws.lambda_.Function(
        name,
        role=role.arn,
        runtime="python3.11",
        handler="app.handler",
        code=pulumi.FileArchive("code"),
        publish=True,
    )
    for name in ("notes", "unpermitted")
}
live = aws.lambda_.Alias(
    "live",
    name="live",
    function_name=functions["notes"].name,
    function_version=functions["notes"].version,
)

# Users
users = aws.cognito.UserPool(
    "users",
    username_attributes=["email"],
    auto_verified_attributes=["email"],
    deletion_protection="INACTIVE",
    user_pool_tier="ESSENTIALS",
    password_policy={
        "minimum_length": 12,
        "require_lowercase": True,
        "require_numbers": True,
        "require_symbols": False,
        "require_uppercase": False,
        "temporary_password_validity_days": 3,
    },
    schemas=[
        {
            "name": "email",
            "attribute_data_type": "String",
            "required": True,
            "mutable": True,
            "string_attribute_constraints": {"min_length": "3", "max_length": "254"},
        }
    ],
    account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
    user_attribute_update_settings={"attributes_require_verification_before_updates": ["email"]},
    username_configuration={"case_sensitive": False},
    mfa_configuration="OPTIONAL",
    software_token_mfa_configuration={"enabled": True},
)
notes = aws.cognito.ResourceServer(
    "notes",
    user_pool_id=users.id,
    identifier="notes",
    scopes=[
        {"scope_name": each, "scope_description": f"{each} notes"} for each in ("read", "write")
    ],
)
domain = aws.cognito.UserPoolDomain(
    "users", user_pool_id=users.id, domain="notes-users", managed_login_version=2
)
client = aws.cognito.UserPoolClient(
    "web",
    user_pool_id=users.id,
    explicit_auth_flows=["ALLOW_USER_SRP_AUTH"],
    allowed_oauth_flows=["code"],
    allowed_oauth_flows_user_pool_client=True,
    allowed_oauth_scopes=[
        "openid",
        "email",
        notes.scope_identifiers[0],
        notes.scope_identifiers[1],
    ],
    callback_urls=[f"{SITE}/callback"],
    logout_urls=[SITE],
    supported_identity_providers=["COGNITO"],
    prevent_user_existence_errors="ENABLED",
    enable_token_revocation=True,
    access_token_validity=60,
    id_token_validity=60,
    refresh_token_validity=30,
    token_validity_units={
        "access_token": "minutes",
        "id_token": "minutes",
        "refresh_token": "days",
    },
    refresh_token_rotation={"feature": "ENABLED", "retry_grace_period_seconds": 0},
)
aws.cognito.ManagedLoginBranding(
    "web", user_pool_id=users.id, client_id=client.id, use_cognito_provided_values=True
)
aws.cognito.UserGroup("admins", user_pool_id=users.id)

# Folders and rows of the users
bucket = aws.s3.Bucket("files")
aws.s3.BucketCorsConfiguration(
    "files",
    bucket=bucket.id,
    cors_rules=[
        {
            "allowed_methods": ["GET", "PUT", "POST"],
            "allowed_origins": [SITE],
            "allowed_headers": ["*"],
            "expose_headers": ["ETag"],
            "max_age_seconds": 300,
        }
    ],
)
table = aws.dynamodb.Table(
    "rows",
    billing_mode="PAY_PER_REQUEST",
    hash_key="userId",
    attributes=[{"name": "userId", "type": "S"}],
)
identities = aws.cognito.IdentityPool(
    "users",
    identity_pool_name="notes users",
    allow_unauthenticated_identities=False,
    cognito_identity_providers=[
        {
            "client_id": client.id,
            "provider_name": users.endpoint,
            "server_side_token_check": True,
        }
    ],
)
tags = aws.cognito.IdentityPoolProviderPrincipalTag(
    "users",
    identity_pool_id=identities.id,
    identity_provider_name=users.endpoint,
    principal_tags={"sub": "sub"},
)
signed_in = aws.iam.Role(
    "signed-in",
    assume_role_policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
                    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                    "Condition": {
                        "StringEquals": {"cognito-identity.amazonaws.com:aud": identities.id},
                        "ForAnyValue:StringLike": {
                            "cognito-identity.amazonaws.com:amr": "authenticated"
                        },
                    },
                }
            ],
        }
    ),
)
subject = "${aws:PrincipalTag/sub}"
aws.iam.RolePolicy(
    "own-folder",
    role=signed_in.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                    "Resource": pulumi.Output.concat(bucket.arn, f"/users/{subject}/*"),
                },
                {
                    "Effect": "Allow",
                    "Action": "s3:ListBucket",
                    "Resource": bucket.arn,
                    "Condition": {"StringLike": {"s3:prefix": f"users/{subject}/*"}},
                },
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                    "Resource": table.arn,
                    "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [subject]}},
                },
            ],
        }
    ),
)
aws.cognito.IdentityPoolRoleAttachment(
    "users",
    identity_pool_id=identities.id,
    roles={"authenticated": signed_in.arn},
    opts=pulumi.ResourceOptions(depends_on=[tags]),
)

# The API
document = pulumi.Output.all(live.invoke_arn, functions["unpermitted"].invoke_arn, users.arn).apply(
    lambda found: (
        Path("openapi.json")
        .read_text()
        .replace('"INTEGRATION"', json.dumps(found[0]))
        .replace('"UNPERMITTED"', json.dumps(found[1]))
        .replace('"POOL"', json.dumps(found[2]))
    )
)
api = aws.apigateway.RestApi(
    "notes",
    body=document,
    endpoint_configuration={"types": "REGIONAL"},
    disable_execute_api_endpoint=False,
)
deployment = aws.apigateway.Deployment("notes", rest_api=api.id, triggers={"body": document})
logs = aws.cloudwatch.LogGroup("access")
logging = aws.iam.Role("logging", assume_role_policy=trust(Service="apigateway.amazonaws.com"))
account = aws.apigateway.Account("account", cloudwatch_role_arn=logging.arn)
stage = aws.apigateway.Stage(
    "v1",
    rest_api=api.id,
    deployment=deployment.id,
    stage_name="v1",
    xray_tracing_enabled=True,
    variables={"a": "b"},
    access_log_settings={
        "destination_arn": logs.arn,
        "format": json.dumps(
            {
                "requestId": "$context.requestId",
                "method": "$context.httpMethod",
                "path": "$context.resourcePath",
                "status": "$context.status",
                "user": "$context.authorizer.claims.sub",
                "error": "$context.error.responseType",
            }
        ),
    },
    opts=pulumi.ResourceOptions(depends_on=[account]),
)
aws.apigateway.MethodSettings(
    "all",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={
        "metrics_enabled": True,
        "logging_level": "ERROR",
        "throttling_rate_limit": 500,
        "throttling_burst_limit": 1000,
    },
)
aws.apigateway.MethodSettings(
    "one",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="~1notes~1{noteId}/GET",
    settings={"caching_enabled": True},
)
aws.lambda_.Permission(
    "gateway",
    function=functions["notes"].name,
    qualifier=live.name,
    action="lambda:InvokeFunction",
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(api.execution_arn, "/*/*/*"),
)

# API key, WAF, custom domain name
keys = {name: aws.apigateway.ApiKey(name) for name in ("shop", "unplanned")}
plan = aws.apigateway.UsagePlan(
    "shop",
    api_stages=[
        {
            "api_id": api.id,
            "stage": stage.stage_name,
            "throttles": [{"path": "/metered/GET", "rate_limit": 50, "burst_limit": 50}],
        }
    ],
    throttle_settings={"rate_limit": 0.01, "burst_limit": 3},
    quota_settings={"limit": 1000, "period": "DAY"},
)
aws.apigateway.UsagePlanKey(
    "shop", key_id=keys["shop"].id, key_type="API_KEY", usage_plan_id=plan.id
)
offices = [
    aws.wafv2.IpSet(
        f"office-{version}", scope="REGIONAL", ip_address_version=version, addresses=[addresses]
    )
    for version, addresses in (("IPV4", "203.0.113.0/24"), ("IPV6", "2001:db8::/32"))
]
acl = aws.wafv2.WebAcl(
    "notes",
    scope="REGIONAL",
    default_action={"allow": {}},
    association_config={
        "request_bodies": [{"api_gateway": {"default_size_inspection_limit": "KB_64"}}]
    },
    visibility_config={
        "cloudwatch_metrics_enabled": True,
        "metric_name": "notes",
        "sampled_requests_enabled": True,
    },
    rules=[
        {
            "name": "common",
            "priority": 0,
            "override_action": {"count": {}},
            "statement": {
                "managed_rule_group_statement": {
                    "name": "AWSManagedRulesCommonRuleSet",
                    "vendor_name": "AWS",
                }
            },
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": "common",
                "sampled_requests_enabled": True,
            },
        },
        {
            "name": "rate",
            "priority": 1,
            "action": {"block": {}},
            "statement": {"rate_based_statement": {"limit": 2000, "aggregate_key_type": "IP"}},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": "rate",
                "sampled_requests_enabled": True,
            },
        },
        {
            "name": "offices",
            "priority": 2,
            "action": {"block": {}},
            "statement": {
                "not_statement": {
                    "statement": {
                        "or_statement": {
                            "statements": [
                                {"ip_set_reference_statement": {"arn": each.arn}}
                                for each in offices
                            ]
                        }
                    }
                }
            },
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": "offices",
                "sampled_requests_enabled": True,
            },
        },
    ],
)
aws.wafv2.WebAclAssociation("notes", resource_arn=stage.arn, web_acl_arn=acl.arn)
zone = aws.route53.Zone("example", name="example.com")
certificate = aws.acm.Certificate("api", domain_name="api.example.com", validation_method="DNS")
option = certificate.domain_validation_options[0]
validation = aws.route53.Record(
    "validation",
    zone_id=zone.zone_id,
    name=option.resource_record_name,
    type=option.resource_record_type,
    records=[option.resource_record_value],
    ttl=60,
)
validated = aws.acm.CertificateValidation(
    "api", certificate_arn=certificate.arn, validation_record_fqdns=[validation.fqdn]
)
name = aws.apigateway.DomainName(
    "api",
    domain_name="api.example.com",
    regional_certificate_arn=validated.certificate_arn,
    endpoint_configuration={"types": "REGIONAL"},
    security_policy="TLS_1_2",
)
aws.apigateway.BasePathMapping(
    "api", domain_name=name.domain_name, rest_api=api.id, stage_name=stage.stage_name
)
aws.route53.Record(
    "api",
    zone_id=zone.zone_id,
    name="api",
    type="A",
    aliases=[
        {
            "name": name.regional_domain_name,
            "zone_id": name.regional_zone_id,
            "evaluate_target_health": False,
        }
    ],
)

# A DAX cluster in a VPC
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags={"a": "b"})
zones = aws.get_availability_zones(state="available").names[:2]
subnets = [
    aws.ec2.Subnet(
        f"net-{index}", vpc_id=vpc.id, cidr_block=f"10.0.{index}.0/24", availability_zone=where
    )
    for index, where in enumerate(zones)
]
routes = aws.ec2.RouteTable("net", vpc_id=vpc.id)
aws.ec2.RouteTableAssociation("net", subnet_id=subnets[0].id, route_table_id=routes.id)
aws.ec2.VpcEndpoint(
    "dynamodb",
    vpc_id=vpc.id,
    service_name="com.amazonaws.us-east-1.dynamodb",
    route_table_ids=[routes.id],
)
inside = aws.ec2.SecurityGroup("functions", vpc_id=vpc.id, description="of the functions")
around = aws.ec2.SecurityGroup(
    "cache",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["10.0.0.0/16"]}],
)
aws.vpc.SecurityGroupIngressRule(
    "cache",
    security_group_id=around.id,
    referenced_security_group_id=inside.id,
    ip_protocol="tcp",
    from_port=9111,
    to_port=9111,
)
aws.vpc.SecurityGroupEgressRule(
    "functions", security_group_id=inside.id, cidr_ipv4="0.0.0.0/0", ip_protocol="-1"
)
aws.ec2.DefaultSecurityGroup("net", vpc_id=vpc.id)
internet = aws.ec2.InternetGateway("net", vpc_id=vpc.id, tags={"a": "b"})
aws.ec2.Route(
    "net",
    route_table_id=routes.id,
    destination_cidr_block="0.0.0.0/0",
    gateway_id=internet.id,
)
address = aws.ec2.Eip("net", domain="vpc", tags={"a": "b"})
aws.ec2.NatGateway("net", allocation_id=address.id, subnet_id=subnets[0].id)
aws.route53.Zone("private", name="services.internal", vpcs=[{"vpc_id": vpc.id}])
aws.ec2.FlowLog(
    "net",
    vpc_id=vpc.id,
    traffic_type="ALL",
    log_destination=aws.cloudwatch.LogGroup("flows").arn,
    iam_role_arn=role.arn,
)
cache = aws.dax.Cluster(
    "notes",
    cluster_name="notes",
    iam_role_arn=role.arn,
    node_type="dax.t3.small",
    replication_factor=1,
    cluster_endpoint_encryption_type="TLS",
    subnet_group_name=aws.dax.SubnetGroup("net", subnet_ids=[each.id for each in subnets]).name,
    parameter_group_name=aws.dax.ParameterGroup("notes").name,
    security_group_ids=[around.id],
    server_side_encryption={"enabled": True},
)

# Releases and capacity
application = aws.codedeploy.Application("notes", compute_platform="Lambda")
config = aws.codedeploy.DeploymentConfig(
    "slow",
    compute_platform="Lambda",
    traffic_routing_config={
        "type": "TimeBasedCanary",
        "time_based_canary": {"interval": 5, "percentage": 10},
    },
)
aws.codedeploy.DeploymentGroup(
    "notes",
    app_name=application.name,
    deployment_group_name="notes",
    deployment_config_name=config.id,
    service_role_arn=role.arn,
    deployment_style={"deployment_option": "WITH_TRAFFIC_CONTROL", "deployment_type": "BLUE_GREEN"},
)
target = aws.appautoscaling.Target(
    "rows",
    min_capacity=1,
    max_capacity=10,
    resource_id=pulumi.Output.concat("table/", table.name),
    scalable_dimension="dynamodb:table:ReadCapacityUnits",
    service_namespace="dynamodb",
)
aws.appautoscaling.Policy(
    "rows",
    policy_type="TargetTrackingScaling",
    resource_id=target.resource_id,
    scalable_dimension=target.scalable_dimension,
    service_namespace=target.service_namespace,
    target_tracking_scaling_policy_configuration={
        "target_value": 70,
        "predefined_metric_specification": {
            "predefined_metric_type": "DynamoDBReadCapacityUtilization"
        },
    },
)

pulumi.export("url", stage.invoke_url)
pulumi.export(
    "login", pulumi.Output.concat("https://", domain.domain, ".auth.us-east-1.amazoncognito.com")
)
pulumi.export("pool", users.id)
pulumi.export("client", client.id)
pulumi.export("identities", identities.id)
pulumi.export("provider", users.endpoint)
pulumi.export("bucket", bucket.bucket)
pulumi.export("table", table.name)
pulumi.export("logs", logs.name)
pulumi.export("key", keys["shop"].value)
pulumi.export("unplanned", keys["unplanned"].value)
pulumi.export("cache", cache.cluster_address)
