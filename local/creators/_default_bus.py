"""EventBridge's default bus, which every account has."""

from local.engine.context import Context
from local.engine.registry import Inputs, invokes


@invokes("aws:cloudwatch/getEventBus:getEventBus")
def get_event_bus(context: Context, inputs: Inputs) -> Inputs:
    """A bus by its name."""
    name = inputs["name"]
    return {
        "id": name,
        "name": name,
        "arn": context.arn("events", f"event-bus/{name}"),
        "description": "",
        "kmsKeyIdentifier": "",
    }
