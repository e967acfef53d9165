"""The types that change in ways of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.creators import cloudfront, cloudwatch, dynamodb, lambda_, sqs
from local.engine.context import Context
from local.engine.fit import text

Outputs = dict[str, Any]


@dataclass(frozen=True)
class InPlace:
    """How a type changes."""

    run: Callable[[Context, str, dict[str, Any]], Outputs]
    """(context, id, inputs) -> outputs that changed."""
    replaced_by: tuple[str, ...]
    """The inputs whose change takes a new resource all the same."""
    changes: tuple[str, ...] | None = None
    """The inputs that `run` carries out; all others, where None."""


def _function(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    own = ("name", "code", "publish", "architectures", "packageType", "tags", "imageUri")
    others = ("s3Bucket", "s3Key", "sourceCodeHash", "reservedConcurrentExecutions")
    settings = {key: value for key, value in inputs.items() if key not in (*own, *others)}
    context.call("lambda", "update_function_configuration", settings, FunctionName=name)
    lambda_.reserve(context, name, inputs)
    code = lambda_.code_of(inputs)
    wanted = {"architectures": inputs.get("architectures"), "publish": inputs.get("publish")}
    made = context.call("lambda", "update_function_code", wanted, FunctionName=name, **code)
    return lambda_.function_outputs(context, name, made, code)


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


def _archive(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    handled = ("name", "eventSourceArn")
    context.call("events", "update_archive", inputs, handled=handled, ArchiveName=id_)
    return {}


def _noted(_context: Context, _id: str, _inputs: dict[str, Any]) -> Outputs:
    return {}  # how it is deleted is known to the provider alone


def _distribution(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    etag = context.client("cloudfront").get_distribution_config(Id=id_)["ETag"]
    made = cloudfront.write(context, "update_distribution", inputs, Id=id_, IfMatch=etag)
    return {"etag": made["ETag"]}


def _edge_function(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    client = context.client("cloudfront")
    etag = client.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    etag = client.update_function(
        Name=name,
        IfMatch=etag,
        FunctionConfig=cloudfront.function_config(inputs),
        FunctionCode=inputs["code"].encode(),
    )["ETag"]
    client.publish_function(Name=name, IfMatch=etag)
    return {"etag": etag, "liveStageEtag": etag}


def _log_group(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    cloudwatch.keep(context, name, inputs)
    return {}


def _queue(context: Context, url: str, inputs: dict[str, Any]) -> Outputs:
    attributes = sqs.attributes(inputs)
    context.call("sqs", "set_queue_attributes", {}, QueueUrl=url, Attributes=attributes)
    return {}


def _role(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    document = text(inputs["assumeRolePolicy"])
    client = context.client("iam")
    client.update_assume_role_policy(RoleName=name, PolicyDocument=document)
    return {}


def _table(context: Context, name: str, inputs: dict[str, Any]) -> Outputs:
    protected = bool(inputs.get("deletionProtectionEnabled"))
    context.client("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=protected)
    dynamodb.settings(context, name, inputs)
    return {}


def _user_pool(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    protection = inputs.get("deletionProtection", "INACTIVE")
    context.client("cognito-idp").update_user_pool(UserPoolId=id_, DeletionProtection=protection)
    return {}


def _user_pool_client(context: Context, id_: str, inputs: dict[str, Any]) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key not in ("name", "generateSecret")}
    context.call("cognito-idp", "update_user_pool_client", wanted, ClientId=id_)
    return {}


IN_PLACE = {
    "aws:apigateway/restApi:RestApi": InPlace(_rest_api, ("name",)),
    "aws:apigateway/stage:Stage": InPlace(_stage, ("restApi", "stageName")),
    "aws:cloudfront/distribution:Distribution": InPlace(_distribution, ()),
    "aws:cloudfront/function:Function": InPlace(_edge_function, ("name",)),
    "aws:cloudwatch/eventArchive:EventArchive": InPlace(_archive, ("name", "eventSourceArn")),
    "aws:cloudwatch/logGroup:LogGroup": InPlace(_log_group, ("name",), ("retentionInDays",)),
    "aws:cognito/userPool:UserPool": InPlace(
        _user_pool,
        ("aliasAttributes", "usernameAttributes", "usernameConfiguration"),
        ("deletionProtection",),
    ),
    "aws:cognito/userPoolClient:UserPoolClient": InPlace(
        _user_pool_client, ("userPoolId", "generateSecret")
    ),
    "aws:dynamodb/table:Table": InPlace(
        _table,
        ("name", "hashKey", "rangeKey", "localSecondaryIndexes"),
        ("deletionProtectionEnabled", "pointInTimeRecovery"),
    ),
    "aws:iam/role:Role": InPlace(_role, ("name", "path"), ("assumeRolePolicy",)),
    "aws:kms/key:Key": InPlace(
        _noted, ("customerMasterKeySpec", "keyUsage", "multiRegion"), ("deletionWindowInDays",)
    ),
    "aws:lambda/alias:Alias": InPlace(_alias, ("name", "functionName")),
    "aws:lambda/eventSourceMapping:EventSourceMapping": InPlace(
        _event_source_mapping, ("eventSourceArn", "startingPosition")
    ),
    "aws:lambda/function:Function": InPlace(_function, ("name", "packageType")),
    "aws:s3/bucket:Bucket": InPlace(_noted, ("bucket", "objectLockEnabled"), ("forceDestroy",)),
    "aws:secretsmanager/secret:Secret": InPlace(_noted, ("name",), ("recoveryWindowInDays",)),
    "aws:sqs/queue:Queue": InPlace(_queue, ("name", "fifoQueue")),
}
