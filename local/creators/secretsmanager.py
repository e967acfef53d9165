"""Secrets Manager secrets."""

from local.engine.context import Context
from local.engine.registry import Created, Inputs, Outputs, Update, creates, state_only


def _delete_secret(context: Context, arn: str, _state: Outputs) -> None:
    client = context.client("secretsmanager")
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@creates(
    "aws:secretsmanager/secret:Secret",
    update=Update(state_only, replaced_by=("name",), changes=("recoveryWindowInDays",)),
    delete=_delete_secret,
)
def secret(context: Context, inputs: Inputs) -> Created:
    """A secret without a value."""
    name = context.named(inputs, limit=512)
    handled = ("name", "namePrefix", "recoveryWindowInDays")
    made = context.call("secretsmanager", "create_secret", inputs, None, handled, Name=name)
    arn = made["ARN"]
    return arn, {"name": name, "arn": arn, "namePrefix": inputs.get("namePrefix", "")}
