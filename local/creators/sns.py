"""SNS topics and subscriptions."""

from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Call, Created, Inputs, creates, overwrite, with_owner

TOPIC = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


@creates("aws:sns/topic:Topic", delete=Call("sns", "delete_topic", TopicArn="arn"))
def topic(context: Context, inputs: Inputs) -> Created:
    """A standard or FIFO topic."""
    name = context.named(inputs, limit=256, suffix=".fifo" if inputs.get("fifoTopic") else "")
    wanted = {key: value for key, value in inputs.items() if key not in TOPIC}
    given = _attributes(inputs, TOPIC)
    made = context.call(
        "sns", "create_topic", wanted, handled=("name",), Name=name, Attributes=given
    )
    return made["TopicArn"], {"name": name, "arn": made["TopicArn"]}


@creates("aws:sns/topicPolicy:TopicPolicy", update=overwrite("arn"), delete=with_owner)
def topic_policy(context: Context, inputs: Inputs) -> Created:
    """The policy of a topic."""
    arn, policy = inputs["arn"], text(inputs["policy"])
    attribute: Inputs = {"AttributeName": "Policy", "AttributeValue": policy}
    context.call("sns", "set_topic_attributes", {}, TopicArn=arn, **attribute)
    return arn, {}


@creates(
    "aws:sns/topicSubscription:TopicSubscription",
    delete=Call("sns", "unsubscribe", SubscriptionArn="arn"),
)
def topic_subscription(context: Context, inputs: Inputs) -> Created:
    """The subscription of a queue, function or address to a topic."""
    made = context.call(
        "sns",
        "subscribe",
        inputs,
        {"topic": "TopicArn"},
        ("confirmationTimeoutInMinutes", "endpointAutoConfirms", *SUBSCRIPTION),
        Attributes=_attributes(inputs, SUBSCRIPTION),
        ReturnSubscriptionArn=True,
    )
    arn = made["SubscriptionArn"]
    return arn, {"arn": arn, "pendingConfirmation": False}


def _attributes(inputs: Inputs, names: dict[str, str]) -> dict[str, str]:
    return {name: text(inputs[key]) for key, name in names.items() if key in inputs}
