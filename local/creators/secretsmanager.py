"""Secrets."""

from local.engine.context import Context
from local.engine.registry import Created, Inputs, creates


@creates("aws:secretsmanager/secret:Secret")
def secret(context: Context, inputs: Inputs) -> Created:
    """A secret without a value."""
    name = context.named(inputs, limit=512)
    handled = ("name", "namePrefix", "recoveryWindowInDays")
    made = context.call("secretsmanager", "create_secret", inputs, None, handled, Name=name)
    arn = made["ARN"]
    return arn, {"name": name, "arn": arn, "namePrefix": inputs.get("namePrefix", "")}
