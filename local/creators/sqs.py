"""SQS queues and their policies."""

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

ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _update_queue(context: Context, url: str, inputs: Inputs) -> Outputs:
    wanted = _attributes(inputs)
    context.call("sqs", "set_queue_attributes", {}, QueueUrl=url, Attributes=wanted)
    return {}


@creates(
    "aws:sqs/queue:Queue",
    update=Update(_update_queue, replaced_by=("name", "fifoQueue")),
    delete=Call("sqs", "delete_queue", QueueUrl="url"),
)
def queue(context: Context, inputs: Inputs) -> Created:
    """A standard or FIFO queue."""
    name = context.named(inputs, limit=80, suffix=".fifo" if inputs.get("fifoQueue") else "")
    handled = ("name", *ATTRIBUTES)
    wanted = _attributes(inputs)
    made = context.call(
        "sqs", "create_queue", inputs, handled=handled, QueueName=name, Attributes=wanted
    )
    url = made["QueueUrl"]
    return url, {"name": name, "url": url, "arn": context.arn("sqs", name)}


def _attributes(inputs: Inputs) -> dict[str, str]:
    """Returns a queue's attributes in the form of SQS."""
    wanted = {
        attribute: text(inputs[key]) for key, attribute in ATTRIBUTES.items() if key in inputs
    }
    if not inputs.get("fifoQueue"):
        wanted.pop("FifoQueue", None)  # SQS rejects the value "false"
    return wanted


@creates("aws:sqs/queuePolicy:QueuePolicy", update=overwrite("queueUrl"), delete=with_owner)
def queue_policy(context: Context, inputs: Inputs) -> Created:
    """The policy of a queue."""
    return _attribute(context, inputs, "policy")


@creates("aws:sqs/redrivePolicy:RedrivePolicy", update=overwrite("queueUrl"), delete=with_owner)
def redrive_policy(context: Context, inputs: Inputs) -> Created:
    """The dead-letter queue of a queue."""
    return _attribute(context, inputs, "redrivePolicy")


@creates(
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", update=overwrite("queueUrl"), delete=with_owner
)
def redrive_allow_policy(context: Context, inputs: Inputs) -> Created:
    """The queues that may use this one as their dead-letter queue."""
    return _attribute(context, inputs, "redriveAllowPolicy")


def _attribute(context: Context, inputs: Inputs, key: str) -> Created:
    url = inputs["queueUrl"]
    wanted = {ATTRIBUTES[key]: text(inputs[key])}
    context.call("sqs", "set_queue_attributes", {}, QueueUrl=url, Attributes=wanted)
    return url, {}
