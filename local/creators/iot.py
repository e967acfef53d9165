"""IoT Core: topic rules, device policies and the endpoint of devices."""

from urllib.parse import urlencode

from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Call, Created, Inputs, creates, invokes

_ACTIONS = {
    "firehoses": "firehose",
    "kineses": "kinesis",
    "lambdas": "lambda",
    "republishes": "republish",
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
}
"""The action of each argument. The provider has one list for each kind."""


@creates("aws:iot/topicRule:TopicRule", delete=Call("iot", "delete_topic_rule", ruleName="name"))
def topic_rule(context: Context, inputs: Inputs) -> Created:
    """A rule with its actions."""
    name = context.named(inputs, limit=128)
    actions = [{action: each} for key, action in _ACTIONS.items() for each in inputs.get(key) or []]
    payload = {
        "sql": inputs["sql"],
        "description": inputs.get("description"),
        "awsIotSqlVersion": inputs["sqlVersion"],
        "ruleDisabled": not inputs["enabled"],
        "actions": actions,
        "errorAction": inputs.get("errorAction"),
    }
    handled = tuple(f"topicRulePayload.{key}" for key in payload if payload[key] is None)
    wanted = {"topicRulePayload": payload}
    given: Inputs = {"ruleName": name}
    if tags := {**context.default_tags, **inputs.get("tags", {})}:
        given["tags"] = urlencode(tags)  # only this operation takes tags as a header
    context.call("iot", "create_topic_rule", wanted, handled=handled, **given)
    return name, {"name": name, "arn": context.arn("iot", f"rule/{name}")}


@creates("aws:iot/policy:Policy", delete=Call("iot", "delete_policy", policyName="name"))
def policy(context: Context, inputs: Inputs) -> Created:
    """A policy for the certificates of devices."""
    name = context.named(inputs, limit=128)
    document = text(inputs["policy"])
    made = context.call("iot", "create_policy", {}, policyName=name, policyDocument=document)
    return name, {"name": name, "arn": made["policyArn"], "defaultVersionId": "1"}


@invokes("aws:iot/getEndpoint:getEndpoint", preview={"endpointAddress": "devices.test"})
def endpoint(context: Context, inputs: Inputs) -> Inputs:
    """Returns the endpoint that devices connect to."""
    kind = inputs.get("endpointType", "iot:Data-ATS")
    found = context.call("iot", "describe_endpoint", {}, endpointType=kind)
    return {"id": kind, "endpointType": kind, "endpointAddress": found["endpointAddress"]}
