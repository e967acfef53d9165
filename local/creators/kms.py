"""KMS keys and aliases."""

from local.engine.context import Context
from local.engine.registry import Created, Inputs, creates


@creates("aws:kms/key:Key")
def key(context: Context, inputs: Inputs) -> Created:
    """A key with its policy and rotation."""
    made = context.call(
        "kms",
        "create_key",
        inputs,
        {"customerMasterKeySpec": "KeySpec"},
        (
            *("deletionWindowInDays", "enableKeyRotation", "rotationPeriodInDays", "isEnabled"),
            *("customKeyStoreId", "xksKeyId"),
        ),
    )["KeyMetadata"]
    key_id = made["KeyId"]
    if inputs.get("enableKeyRotation"):
        period = {"rotationPeriodInDays": inputs.get("rotationPeriodInDays")}
        context.call("kms", "enable_key_rotation", period, KeyId=key_id)
    if inputs.get("isEnabled") is False:
        context.call("kms", "disable_key", {}, KeyId=key_id)
    return key_id, {"keyId": key_id, "arn": made["Arn"]}


@creates("aws:kms/alias:Alias")
def alias(context: Context, inputs: Inputs) -> Created:
    """A name for a key."""
    name = inputs.get("name") or f"alias/{context.named(inputs, limit=250)}"
    target = inputs["targetKeyId"]
    context.call("kms", "create_alias", {}, AliasName=name, TargetKeyId=target)
    key_arn = context.call("kms", "describe_key", {}, KeyId=target)["KeyMetadata"]["Arn"]
    return name, {"name": name, "arn": context.arn("kms", name), "targetKeyArn": key_arn}
