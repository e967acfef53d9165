"""How resources are deleted."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from local.engine.context import Context
from local.not_emulated import NOT_EMULATED

State = dict[str, Any]

OPERATIONS: dict[str, tuple[str, str, dict[str, str]]] = {
    "aws:acm/certificate:Certificate": ("acm", "delete_certificate", {"CertificateArn": "id"}),
    "aws:apigateway/apiKey:ApiKey": ("apigateway", "delete_api_key", {"apiKey": "id"}),
    "aws:apigateway/basePathMapping:BasePathMapping": (
        "apigateway",
        "delete_base_path_mapping",
        {"domainName": "domainName", "basePath": "basePath"},
    ),
    "aws:apigateway/deployment:Deployment": (
        "apigateway",
        "delete_deployment",
        {"restApiId": "restApi", "deploymentId": "id"},
    ),
    "aws:apigateway/domainName:DomainName": (
        "apigateway",
        "delete_domain_name",
        {"domainName": "id"},
    ),
    "aws:apigateway/restApi:RestApi": ("apigateway", "delete_rest_api", {"restApiId": "id"}),
    "aws:apigateway/stage:Stage": (
        "apigateway",
        "delete_stage",
        {"restApiId": "restApi", "stageName": "stageName"},
    ),
    "aws:apigateway/usagePlan:UsagePlan": (
        "apigateway",
        "delete_usage_plan",
        {"usagePlanId": "id"},
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": (
        "apigateway",
        "delete_usage_plan_key",
        {"usagePlanId": "usagePlanId", "keyId": "keyId"},
    ),
    "aws:athena/namedQuery:NamedQuery": ("athena", "delete_named_query", {"NamedQueryId": "id"}),
    "aws:athena/workgroup:Workgroup": ("athena", "delete_work_group", {"WorkGroup": "id"}),
    "aws:cloudwatch/eventArchive:EventArchive": (
        "events",
        "delete_archive",
        {"ArchiveName": "id"},
    ),
    "aws:cloudwatch/eventBus:EventBus": ("events", "delete_event_bus", {"Name": "name"}),
    "aws:cloudwatch/eventRule:EventRule": (
        "events",
        "delete_rule",
        {"Name": "name", "EventBusName": "eventBusName"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "delete_log_group", {"logGroupName": "name"}),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        "logs",
        "delete_metric_filter",
        {"logGroupName": "logGroupName", "filterName": "name"},
    ),
    "aws:cloudwatch/logStream:LogStream": (
        "logs",
        "delete_log_stream",
        {"logGroupName": "logGroupName", "logStreamName": "name"},
    ),
    "aws:cognito/identityPool:IdentityPool": (
        "cognito-identity",
        "delete_identity_pool",
        {"IdentityPoolId": "id"},
    ),
    "aws:cognito/resourceServer:ResourceServer": (
        "cognito-idp",
        "delete_resource_server",
        {"UserPoolId": "userPoolId", "Identifier": "identifier"},
    ),
    "aws:cognito/userGroup:UserGroup": (
        "cognito-idp",
        "delete_group",
        {"UserPoolId": "userPoolId", "GroupName": "name"},
    ),
    "aws:cognito/userPool:UserPool": ("cognito-idp", "delete_user_pool", {"UserPoolId": "id"}),
    "aws:cognito/userPoolClient:UserPoolClient": (
        "cognito-idp",
        "delete_user_pool_client",
        {"UserPoolId": "userPoolId", "ClientId": "id"},
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": (
        "cognito-idp",
        "delete_user_pool_domain",
        {"UserPoolId": "userPoolId", "Domain": "domain"},
    ),
    "aws:dynamodb/table:Table": ("dynamodb", "delete_table", {"TableName": "name"}),
    "aws:glue/catalogDatabase:CatalogDatabase": ("glue", "delete_database", {"Name": "name"}),
    "aws:glue/catalogTable:CatalogTable": (
        "glue",
        "delete_table",
        {"DatabaseName": "databaseName", "Name": "name"},
    ),
    "aws:iam/policy:Policy": ("iam", "delete_policy", {"PolicyArn": "arn"}),
    "aws:iam/role:Role": ("iam", "delete_role", {"RoleName": "name"}),
    "aws:iam/rolePolicy:RolePolicy": (
        "iam",
        "delete_role_policy",
        {"RoleName": "role", "PolicyName": "name"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam",
        "detach_role_policy",
        {"RoleName": "role", "PolicyArn": "policyArn"},
    ),
    "aws:iot/policy:Policy": ("iot", "delete_policy", {"policyName": "name"}),
    "aws:iot/topicRule:TopicRule": ("iot", "delete_topic_rule", {"ruleName": "name"}),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        "firehose",
        "delete_delivery_stream",
        {"DeliveryStreamName": "name"},
    ),
    "aws:kinesis/stream:Stream": ("kinesis", "delete_stream", {"StreamName": "name"}),
    "aws:kms/alias:Alias": ("kms", "delete_alias", {"AliasName": "name"}),
    "aws:lambda/alias:Alias": (
        "lambda",
        "delete_alias",
        {"FunctionName": "functionName", "Name": "name"},
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        "lambda",
        "delete_event_source_mapping",
        {"UUID": "id"},
    ),
    "aws:lambda/function:Function": ("lambda", "delete_function", {"FunctionName": "name"}),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (
        "lambda",
        "delete_function_event_invoke_config",
        {"FunctionName": "functionName", "Qualifier": "qualifier"},
    ),
    "aws:lambda/permission:Permission": (
        "lambda",
        "remove_permission",
        {"FunctionName": "function", "StatementId": "statementId", "Qualifier": "qualifier"},
    ),
    "aws:route53/zone:Zone": ("route53", "delete_hosted_zone", {"Id": "id"}),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        "s3",
        "delete_object",
        {"Bucket": "bucket", "Key": "key"},
    ),
    "aws:scheduler/schedule:Schedule": (
        "scheduler",
        "delete_schedule",
        {"Name": "name", "GroupName": "groupName"},
    ),
    "aws:sns/topic:Topic": ("sns", "delete_topic", {"TopicArn": "arn"}),
    "aws:sns/topicSubscription:TopicSubscription": (
        "sns",
        "unsubscribe",
        {"SubscriptionArn": "arn"},
    ),
    "aws:sqs/queue:Queue": ("sqs", "delete_queue", {"QueueUrl": "url"}),
}
"""The operation that deletes a type, and where in the state its parameters are."""

WITH_WHAT_THEY_BELONG_TO = (
    "aws:acm/certificateValidation:",
    "aws:apigateway/account:",
    "aws:apigateway/methodSettings:",
    "aws:apigateway/restApiPolicy:",
    "aws:cognito/identityPoolProviderPrincipalTag:",
    "aws:cognito/identityPoolRoleAttachment:",
    "aws:lambda/invocation:",
    "aws:s3/bucket",
    "aws:sns/topicPolicy:",
    "aws:sqs/queuePolicy:",
    "aws:sqs/redrive",
)
"""Settings of another resource, gone when that is gone."""

GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")


def delete(context: Context, id_: str, state: State) -> None:
    """Deletes one resource; one that is gone already counts as deleted.

    Raises ValueError for a type whose deletion is not written yet.
    """
    try:
        _delete(context, {**state, "id": id_})
    except ClientError as error:
        if not any(word in error.response["Error"]["Code"] for word in GONE):
            raise


def _delete(context: Context, state: State) -> None:
    if context.type in _OWN:
        _OWN[context.type](context, state)
    elif context.type in OPERATIONS:
        service, operation, members = OPERATIONS[context.type]
        given = {name: state[key] for name, key in members.items() if state.get(key)}
        context.call(service, operation, {}, **given)
    elif context.type not in NOT_EMULATED and not context.type.startswith(WITH_WHAT_THEY_BELONG_TO):
        raise ValueError(
            f"the embedded cloud cannot delete the type {context.type};"
            " say how in local/provider/deletions.py"
        )


def _bucket(context: Context, state: State) -> None:
    name = state["bucket"]
    client = context.client("s3")
    if state.get("forceDestroy"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                client.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for each in page.get("Contents", []):
                client.delete_object(Bucket=name, Key=each["Key"])
    client.delete_bucket(Bucket=name)


def _event_target(context: Context, state: State) -> None:
    bus = state.get("eventBusName", "default")
    client = context.client("events")
    client.remove_targets(Rule=state["rule"], EventBusName=bus, Ids=[state["targetId"]])


def _alarm(context: Context, state: State) -> None:
    context.client("cloudwatch").delete_alarms(AlarmNames=[state["name"]])


def _dashboard(context: Context, state: State) -> None:
    context.client("cloudwatch").delete_dashboards(DashboardNames=[state["dashboardName"]])


def _key(context: Context, state: State) -> None:
    days = {"PendingWindowInDays": state.get("deletionWindowInDays", 30)}
    context.client("kms").schedule_key_deletion(KeyId=state["id"], **days)


def _secret(context: Context, state: State) -> None:
    context.client("secretsmanager").delete_secret(
        SecretId=state["id"], ForceDeleteWithoutRecovery=True
    )


_OWN: dict[str, Callable[[Context, State], None]] = {
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
}
"""The types that are deleted in ways of their own."""
