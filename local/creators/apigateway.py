"""API Gateway REST APIs: an API from its OpenAPI document, deployed to stages."""

from typing import Any

from local.creators._api_access import gateway_arn
from local.engine.context import Context
from local.engine.fit import text
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

SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}
"""The path of each method setting in UpdateStage."""


def _update_api(context: Context, id_: str, inputs: Inputs) -> Outputs:
    mode = {"mode": "overwrite"}
    context.call("apigateway", "put_rest_api", mode, restApiId=id_, body=inputs["body"])
    return {}


@creates(
    "aws:apigateway/restApi:RestApi",
    update=Update(_update_api, replaced_by=("name",)),
    delete=Call("apigateway", "delete_rest_api", restApiId="id"),
)
def rest_api(context: Context, inputs: Inputs) -> Created:
    """A REST API. Its OpenAPI document, if given, replaces its content."""
    made = context.call(
        "apigateway",
        "create_rest_api",
        inputs,
        handled=("name", "body", "parameters", "failOnWarnings", "putRestApiMode"),
        name=context.named(inputs),
    )
    api = made["id"]
    if "body" in inputs:
        wanted = {key: inputs.get(key) for key in ("failOnWarnings", "parameters")}
        wanted["mode"] = inputs.get("putRestApiMode", "overwrite")
        context.call("apigateway", "put_rest_api", wanted, restApiId=api, body=inputs["body"])
        # The arguments override the document, as in the AWS provider.
        patch = _replace({"name": made["name"], **_given(inputs)})
        context.call("apigateway", "update_rest_api", {}, restApiId=api, patchOperations=patch)
    resources = context.call("apigateway", "get_resources", {}, restApiId=api)["items"]
    return api, {
        "name": made["name"],
        "arn": gateway_arn(context, f"/restapis/{api}"),
        "executionArn": context.arn("execute-api", api),
        "rootResourceId": next(each["id"] for each in resources if each["path"] == "/"),
        "createdDate": made["createdDate"].isoformat(),
    }


@creates(
    "aws:apigateway/restApiPolicy:RestApiPolicy", update=overwrite("restApiId"), delete=with_owner
)
def rest_api_policy(context: Context, inputs: Inputs) -> Created:
    """The resource policy of an API."""
    api = inputs["restApiId"]
    patch = _replace({"policy": text(inputs["policy"])})
    context.call("apigateway", "update_rest_api", {}, restApiId=api, patchOperations=patch)
    return api, {}


@creates(
    "aws:apigateway/deployment:Deployment",
    delete=Call("apigateway", "delete_deployment", restApiId="restApi", deploymentId="id"),
)
def deployment(context: Context, inputs: Inputs) -> Created:
    """A snapshot of an API, which stages serve. Only Pulumi uses its triggers."""
    rename = {"restApi": "restApiId"}
    made = context.call("apigateway", "create_deployment", inputs, rename, ("triggers",))
    return made["id"], {"createdDate": made["createdDate"].isoformat()}


def _move_stage(context: Context, _id: str, inputs: Inputs) -> Outputs:
    _update_stage(context, inputs, {"deploymentId": inputs["deployment"]})
    return {}


@creates(
    "aws:apigateway/stage:Stage",
    update=Update(_move_stage, replaced_by=("restApi", "stageName")),
    delete=Call("apigateway", "delete_stage", restApiId="restApi", stageName="stageName"),
)
def stage(context: Context, inputs: Inputs) -> Created:
    """A stage. Its address is a path of the endpoint, which needs no DNS."""
    api, name = inputs["restApi"], inputs["stageName"]
    context.call(
        "apigateway",
        "create_stage",
        inputs,
        {
            "restApi": "restApiId",
            "deployment": "deploymentId",
            "xrayTracingEnabled": "tracingEnabled",
        },
        ("accessLogSettings", "clientCertificateId"),
    )
    logs = inputs.get("accessLogSettings") or {}
    _update_stage(context, inputs, {f"accessLogSettings/{key}": logs[key] for key in logs})
    if inputs.get("cacheClusterEnabled"):
        context.note(f"{context.type}: argument cacheClusterEnabled, so every request is a miss")
    endpoint = context.client("apigateway").meta.endpoint_url
    return f"ags-{api}-{name}", {
        "arn": gateway_arn(context, f"/restapis/{api}/stages/{name}"),
        "executionArn": context.arn("execute-api", f"{api}/{name}"),
        "invokeUrl": f"{endpoint}/_aws/execute-api/{api}/{name}",
        "webAclArn": "",
    }


@creates(
    "aws:apigateway/methodSettings:MethodSettings",
    update=overwrite("restApi", "stageName", "methodPath"),
    delete=with_owner,
)
def method_settings(context: Context, inputs: Inputs) -> Created:
    """Throttling, logging and caching of one method (`~1orders~1{id}/GET`) or all (`*/*`)."""
    path, settings = inputs["methodPath"], inputs["settings"]
    if path.count("/") != 1:
        raise ValueError(f"Invalid method setting path: /{path}; write '/' in the path as '~1'")
    changes = {f"{path}/{SETTINGS[key]}": text(value) for key, value in settings.items()}
    _update_stage(context, inputs, changes)
    return f"{inputs['restApi']}-{inputs['stageName']}-{path}", {}


@creates("aws:apigateway/account:Account", update=overwrite(), delete=with_owner)
def account(context: Context, inputs: Inputs) -> Created:
    """The account's role for API logs."""
    patch = _replace({"cloudwatchRoleArn": inputs.get("cloudwatchRoleArn", "")})
    made = context.call("apigateway", "update_account", {}, patchOperations=patch)
    return "api-gateway-account", {
        "cloudwatchRoleArn": inputs.get("cloudwatchRoleArn", ""),
        "apiKeyVersion": made["apiKeyVersion"],
        "features": made["features"],
        "throttleSettings": [made["throttleSettings"]],
    }


def _update_stage(context: Context, inputs: Inputs, changes: dict[str, str]) -> None:
    if changes:
        where = {"restApiId": inputs["restApi"], "stageName": inputs["stageName"]}
        patch = _replace(changes)
        context.call("apigateway", "update_stage", {}, patchOperations=patch, **where)


def _given(inputs: Inputs) -> dict[str, str]:
    keys = ("description", "policy", "apiKeySource", "minimumCompressionSize")
    return {key: text(inputs[key]) for key in keys if key in inputs}


def _replace(changes: dict[str, str]) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": f"/{key}", "value": changes[key]} for key in changes]
