"""API Gateway: API keys, usage plans and custom domain names."""

from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, creates


@creates("aws:apigateway/apiKey:ApiKey", delete=Call("apigateway", "delete_api_key", apiKey="id"))
def api_key(context: Context, inputs: Inputs) -> Created:
    """An API key, which callers send in `x-api-key`. Its value is generated unless given."""
    name = context.named(inputs, limit=1024)
    wanted = {"enabled": True, **inputs}
    made = context.call("apigateway", "create_api_key", wanted, handled=("name",), name=name)
    return made["id"], {
        "name": name,
        "value": made["value"],
        "arn": gateway_arn(context, f"/apikeys/{made['id']}"),
        "createdDate": made["createdDate"].isoformat(),
        "lastUpdatedDate": made["lastUpdatedDate"].isoformat(),
    }


@creates(
    "aws:apigateway/usagePlan:UsagePlan",
    delete=Call("apigateway", "delete_usage_plan", usagePlanId="id"),
)
def usage_plan(context: Context, inputs: Inputs) -> Created:
    """A usage plan: the stages, rate and quota of its API keys."""
    name = context.named(inputs)
    made = context.call(
        "apigateway",
        "create_usage_plan",
        {**inputs, "apiStages": [_stage(each) for each in inputs.get("apiStages", [])]},
        {"quotaSettings": "quota", "throttleSettings": "throttle"},
        ("name", "productCode"),
        name=name,
    )
    return made["id"], {"name": name, "arn": gateway_arn(context, f"/usageplans/{made['id']}")}


def _stage(inputs: Inputs) -> dict[str, Any]:
    limits = {
        each["path"]: {key: value for key, value in each.items() if key != "path"}
        for each in inputs.get("throttles", [])
    }
    return {"apiId": inputs["apiId"], "stage": inputs["stage"], "throttle": limits}


@creates(
    "aws:apigateway/usagePlanKey:UsagePlanKey",
    delete=Call("apigateway", "delete_usage_plan_key", usagePlanId="usagePlanId", keyId="keyId"),
)
def usage_plan_key(context: Context, inputs: Inputs) -> Created:
    """The membership of an API key in a usage plan."""
    made = context.call("apigateway", "create_usage_plan_key", inputs)
    return made["id"], {"name": made.get("name", ""), "value": made.get("value", "")}


@creates(
    "aws:apigateway/domainName:DomainName",
    delete=Call("apigateway", "delete_domain_name", domainName="id"),
)
def domain_name(context: Context, inputs: Inputs) -> Created:
    """A custom domain name, which is served here for requests with that `Host` header."""
    made = context.call("apigateway", "create_domain_name", inputs)
    name = made["domainName"]
    return name, {
        "arn": gateway_arn(context, f"/domainnames/{name}"),
        "domainNameId": "",
        "regionalDomainName": made["regionalDomainName"],
        "regionalZoneId": made["regionalHostedZoneId"],
        "cloudfrontDomainName": made["distributionDomainName"],
        "cloudfrontZoneId": made["distributionHostedZoneId"],
        "certificateUploadDate": "",
        "securityPolicy": made["securityPolicy"],
    }


def _delete_base_path_mapping(context: Context, _id: str, state: Outputs) -> None:
    which = {"domainName": state["domainName"], "basePath": state.get("basePath") or "(none)"}
    context.client("apigateway").delete_base_path_mapping(**which)


@creates(
    "aws:apigateway/basePathMapping:BasePathMapping",
    delete=_delete_base_path_mapping,
)
def base_path_mapping(context: Context, inputs: Inputs) -> Created:
    """The stage that answers below a path of a domain name."""
    rename = {"restApi": "restApiId", "stageName": "stage"}
    context.call("apigateway", "create_base_path_mapping", inputs, rename)
    return f"{inputs['domainName']}/{inputs.get('basePath', '')}", {}


def gateway_arn(context: Context, path: str) -> str:
    """Returns an ARN of API Gateway, which has no account ID."""
    return f"arn:aws:apigateway:{context.region}::{path}"
