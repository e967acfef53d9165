"""How resources change in place. What is not here is deleted and made anew."""

from collections.abc import Callable
from typing import Any

from local.creators.lambda_ import code_of, function_outputs
from local.engine import making
from local.engine.context import Context
from local.not_emulated import NOT_EMULATED

Outputs = dict[str, Any]
Update = Callable[[Context, str, dict[str, Any]], Outputs]
"""(context, id, inputs) -> outputs that changed."""

WRITTEN_OVER = {
    "aws:apigateway/account:Account": (),
    "aws:apigateway/methodSettings:MethodSettings": ("restApi", "stageName", "methodPath"),
    "aws:apigateway/restApiPolicy:RestApiPolicy": ("restApiId",),
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


def replacing(type_: str, keys: list[str]) -> list[str]:
    """Which of the changed properties take a new resource."""
    if type_ in WRITTEN_OVER:
        return [key for key in keys if key in WRITTEN_OVER[type_]]
    if type_ in _UPDATES:
        return [key for key in keys if key in _UPDATES[type_][1]]
    return [] if type_ in NOT_EMULATED else keys


def volatile(type_: str) -> tuple[str, ...]:
    """The outputs that a preview of a change cannot know."""
    return OF_A_VERSION if type_ == "aws:lambda/function:Function" else ()


def update(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    """Changes one resource in place and answers the outputs that may have changed."""
    if context.type in _UPDATES:
        return _UPDATES[context.type][0](context, id_, inputs)
    return making.create(context, inputs)[1]


def _function(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    own = ("name", "code", "publish", "architectures", "packageType", "tags", "imageUri")
    others = ("s3Bucket", "s3Key", "sourceCodeHash", "reservedConcurrentExecutions")
    settings = {key: value for key, value in inputs.items() if key not in (*own, *others)}
    context.call("lambda", "update_function_configuration", settings, FunctionName=name)
    code = code_of(inputs)
    wanted = {"architectures": inputs.get("architectures"), "publish": inputs.get("publish")}
    made = context.call("lambda", "update_function_code", wanted, FunctionName=name, **code)
    return function_outputs(context, name, made, code)


def _alias(context: Context, _id: str, inputs: dict[str, Any]) -> Outputs:
    context.call("lambda", "update_alias", inputs)
    return {}


def _event_source_mapping(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key not in ("tags", "eventSourceArn")}
    handled = ("startingPosition", "startingPositionTimestamp")
    context.call("lambda", "update_event_source_mapping", wanted, None, handled, UUID=id_)
    return {}


def _rest_api(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    context.call(
        "apigateway", "put_rest_api", {"mode": "overwrite"}, restApiId=id_, body=inputs["body"]
    )
    return {}


def _stage(context: Context, _id: str, inputs: dict[str, Any]) -> Outputs:
    context.call(
        "apigateway",
        "update_stage",
        {},
        restApiId=inputs["restApi"],
        stageName=inputs["stageName"],
        patchOperations=[{"op": "replace", "path": "/deploymentId", "value": inputs["deployment"]}],
    )
    return {}


_UPDATES: dict[str, tuple[Update, tuple[str, ...]]] = {
    "aws:apigateway/restApi:RestApi": (_rest_api, ("name",)),
    "aws:apigateway/stage:Stage": (_stage, ("restApi", "stageName")),
    "aws:lambda/alias:Alias": (_alias, ("name", "functionName")),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        _event_source_mapping,
        ("eventSourceArn", "startingPosition"),
    ),
    "aws:lambda/function:Function": (_function, ("name", "packageType")),
}
"""The types that change in ways of their own, and the inputs that still take a new resource."""
