"""How resources change in place. What is not here is deleted and made anew."""

from typing import Any

from local.engine import making
from local.engine.context import Context
from local.not_emulated import NOT_EMULATED
from local.provider.in_place import IN_PLACE, Outputs

WRITTEN_OVER = {
    "aws:apigateway/account:Account": (),
    "aws:apigateway/methodSettings:MethodSettings": ("restApi", "stageName", "methodPath"),
    "aws:apigateway/restApiPolicy:RestApiPolicy": ("restApiId",),
    "aws:cloudfront/keyvaluestoreKeysExclusive:KeyvaluestoreKeysExclusive": ("keyValueStoreArn",),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName",),
    "aws:cloudwatch/eventRule:EventRule": ("name", "eventBusName"),
    "aws:cloudwatch/eventTarget:EventTarget": ("rule", "eventBusName", "targetId"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": ("name", "logGroupName"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name",),
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": ("identityPoolId",),
    "aws:iam/rolePolicy:RolePolicy": ("role", "name"),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ("functionName", "qualifier"),
    "aws:route53/record:Record": ("zoneId", "name", "type"),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": ("bucket",),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("bucket",),
    "aws:s3/bucketNotification:BucketNotification": ("bucket",),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", "key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("bucket",),
    "aws:s3/bucketPolicy:BucketPolicy": ("bucket",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("bucket",),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "bucket",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("bucket",),
    "aws:sns/topicPolicy:TopicPolicy": ("arn",),
    "aws:sqs/queuePolicy:QueuePolicy": ("queueUrl",),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": ("queueUrl",),
    "aws:sqs/redrivePolicy:RedrivePolicy": ("queueUrl",),
}
"""What AWS takes a second time in place of the first, and the inputs that say which one it is."""

OF_A_VERSION = (
    *("version", "qualifiedArn", "qualifiedInvokeArn"),
    *("codeSha256", "sourceCodeHash", "sourceCodeSize", "lastModified"),
)


KEPT = (
    "aws:cognito/identityPool:IdentityPool",
    "aws:cognito/userPoolDomain:UserPoolDomain",
    "aws:kinesis/stream:Stream",
)
"""What AWS changes in place and we cannot yet: refused, as a new one would lose what it holds."""


def replacing(type_: str, keys: list[str]) -> list[str]:
    """Which of the changed properties take a new resource."""
    if "region" in keys:
        return ["region"]
    if type_ in WRITTEN_OVER:
        return [key for key in keys if key in WRITTEN_OVER[type_]]
    if type_ in IN_PLACE:
        return [key for key in keys if key in IN_PLACE[type_].replaced_by]
    return [] if type_ in NOT_EMULATED or type_ in KEPT else keys


def volatile(type_: str) -> tuple[str, ...]:
    """The outputs that a preview of a change cannot know."""
    return OF_A_VERSION if type_ == "aws:lambda/function:Function" else ()


def update(context: Context, id_: str, inputs: dict[str, Any], keys: list[str]) -> Outputs:
    """Changes `keys` of one resource in place and answers the outputs that may have changed.

    Raises ValueError for a change that is not written yet.
    """
    way = IN_PLACE.get(context.type)
    able = way.changes if way else () if context.type in KEPT else None
    unable = [key for key in keys if able is not None and key not in able]
    if unable:
        raise ValueError(
            f"the embedded cloud cannot change {', '.join(unable)} of the type {context.type};"
            " say how in local/provider/in_place.py"
        )
    return way.run(context, id_, inputs) if way else making.create(context, inputs)[1]
