"""Lambda functions, aliases, permissions and event source mappings."""

import base64
import hashlib
import json
from typing import Any

from local.engine.archive import zipped
from local.engine.context import Context
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    overwrite,
    with_owner,
)

OF_A_VERSION = (
    *("version", "qualifiedArn", "qualifiedInvokeArn"),
    *("codeSha256", "sourceCodeHash", "sourceCodeSize", "lastModified"),
)
"""The outputs that differ between versions."""


def _update_function(context: Context, name: str, inputs: Inputs) -> Outputs:
    own = ("name", "code", "publish", "architectures", "packageType", "tags", "imageUri")
    others = ("s3Bucket", "s3Key", "sourceCodeHash", "reservedConcurrentExecutions")
    settings = {key: value for key, value in inputs.items() if key not in (*own, *others)}
    context.call("lambda", "update_function_configuration", settings, FunctionName=name)
    _reserve(context, name, inputs)
    code = _code(inputs)
    wanted = {"architectures": inputs.get("architectures"), "publish": inputs.get("publish")}
    made = context.call("lambda", "update_function_code", wanted, FunctionName=name, **code)
    return _function_outputs(context, name, made, code)


@creates(
    "aws:lambda/function:Function",
    update=Update(_update_function, replaced_by=("name", "packageType"), outputs=OF_A_VERSION),
    delete=Call("lambda", "delete_function", FunctionName="name"),
)
def function(context: Context, inputs: Inputs) -> Created:
    """A function from a zip or container image, with its reserved concurrency."""
    name = context.named(inputs, limit=64)
    code = _code(inputs)
    made = context.call(
        "lambda",
        "create_function",
        inputs,
        handled=(
            *("name", "code", "s3Bucket", "s3Key", "s3ObjectVersion", "imageUri"),
            *("sourceCodeHash", "reservedConcurrentExecutions", "sourceKmsKeyArn"),
        ),
        FunctionName=name,
        Code=code,
    )
    if inputs.get("reservedConcurrentExecutions", -1) >= 0:
        _reserve(context, name, inputs)
    return name, _function_outputs(context, name, made, code)


def _reserve(context: Context, function: str, inputs: Inputs) -> None:
    """Sets or removes the reserved concurrency of a function."""
    reserved = inputs.get("reservedConcurrentExecutions", -1)
    if reserved < 0:
        context.call("lambda", "delete_function_concurrency", {}, FunctionName=function)
        return
    wanted = {"reservedConcurrentExecutions": reserved}
    context.call("lambda", "put_function_concurrency", wanted, FunctionName=function)
    if inputs.get("publish"):
        context.note(
            f"{context.type}: argument reservedConcurrentExecutions, for published versions;"
            " the emulator enforces it only for unpublished ones"
        )


def _code(inputs: Inputs) -> dict[str, Any]:
    """Returns a function's code in the form of Lambda: the bytes or their location."""
    if "code" in inputs:
        return {"ZipFile": zipped(inputs["code"])}
    from_elsewhere = {
        "S3Bucket": inputs.get("s3Bucket"),
        "S3Key": inputs.get("s3Key"),
        "S3ObjectVersion": inputs.get("s3ObjectVersion"),
        "ImageUri": inputs.get("imageUri"),
    }
    return {key: value for key, value in from_elsewhere.items() if value}


def _function_outputs(
    context: Context, name: str, made: dict[str, Any], code: dict[str, Any]
) -> dict[str, Any]:
    """Returns the outputs of a function and its latest version."""
    arn = context.arn("lambda", f"function:{name}")
    version = made.get("Version", "$LATEST")
    package = code.get("ZipFile", b"")
    digest = base64.b64encode(hashlib.sha256(package).digest()).decode()
    return {
        "name": name,
        "arn": arn,
        "invokeArn": _invoke_arn(context, arn),
        "qualifiedArn": f"{arn}:{version}",
        "qualifiedInvokeArn": _invoke_arn(context, f"{arn}:{version}"),
        "version": version,
        "codeSha256": digest,
        "sourceCodeHash": digest,
        "sourceCodeSize": len(package),
        "lastModified": made["LastModified"],
    }


def _invoke_arn(context: Context, arn: str) -> str:
    """Returns the ARN of a function for an API Gateway integration."""
    return f"arn:aws:apigateway:{context.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def _update_alias(context: Context, _id: str, inputs: Inputs) -> Outputs:
    context.call("lambda", "update_alias", inputs)
    return {}


@creates(
    "aws:lambda/alias:Alias",
    update=Update(_update_alias, replaced_by=("name", "functionName")),
    delete=Call("lambda", "delete_alias", FunctionName="functionName", Name="name"),
)
def alias(context: Context, inputs: Inputs) -> Created:
    """An alias of one version, or of two with weights."""
    name = context.named(inputs, limit=128)
    made = context.call("lambda", "create_alias", inputs, handled=("name",), Name=name)
    arn = made["AliasArn"]
    return arn, {"name": name, "arn": arn, "invokeArn": _invoke_arn(context, arn)}


@creates(
    "aws:lambda/permission:Permission",
    delete=Call(
        "lambda",
        "remove_permission",
        FunctionName="function",
        StatementId="statementId",
        Qualifier="qualifier",
    ),
)
def permission(context: Context, inputs: Inputs) -> Created:
    """A statement of a function's resource policy."""
    sid = context.named(inputs, "statementId", limit=100)
    rename = {"function": "FunctionName"}
    context.call("lambda", "add_permission", inputs, rename, ("statementId",), StatementId=sid)
    return sid, {"statementId": sid}


@creates(
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    update=overwrite("functionName", "qualifier"),
    delete=Call(
        "lambda",
        "delete_function_event_invoke_config",
        FunctionName="functionName",
        Qualifier="qualifier",
    ),
)
def function_event_invoke_config(context: Context, inputs: Inputs) -> Created:
    """Retries and destinations of asynchronous invocations."""
    context.call("lambda", "put_function_event_invoke_config", inputs)
    qualifier = inputs.get("qualifier")
    return inputs["functionName"] + (f":{qualifier}" if qualifier else ""), {}


def _update_mapping(context: Context, uuid: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key not in ("tags", "eventSourceArn")}
    handled = ("startingPosition", "startingPositionTimestamp")
    context.call("lambda", "update_event_source_mapping", wanted, None, handled, UUID=uuid)
    return {}


@creates(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    update=Update(_update_mapping, replaced_by=("eventSourceArn", "startingPosition")),
    delete=Call("lambda", "delete_event_source_mapping", UUID="id"),
)
def event_source_mapping(context: Context, inputs: Inputs) -> Created:
    """An event source mapping from a stream or queue to a function."""
    made = context.call("lambda", "create_event_source_mapping", inputs)
    uuid = made["UUID"]
    return uuid, {
        "uuid": uuid,
        "arn": context.arn("lambda", f"event-source-mapping:{uuid}"),
        "functionArn": made["FunctionArn"],
        "state": made["State"],
        "lastModified": str(made.get("LastModified", "")),
    }


@creates("aws:lambda/invocation:Invocation", delete=with_owner)
def invocation(context: Context, inputs: Inputs) -> Created:
    """One invocation of a function, with the lifecycle of the resource if requested."""
    event = json.loads(inputs["input"])
    if inputs.get("lifecycleScope") == "CRUD":
        event[inputs.get("terraformKey", "tf")] = {"action": "create", "prev_input": None}
    wanted = {"functionName": inputs["functionName"], "qualifier": inputs.get("qualifier")}
    answer = context.call("lambda", "invoke", wanted, Payload=json.dumps(event))
    result = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise ValueError(f"the function failed: {result}")
    digest = hashlib.sha256(inputs["input"].encode()).hexdigest()
    return f"{inputs['functionName']}_{digest[:16]}", {"result": result}
