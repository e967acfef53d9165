"""KMS keys and aliases."""

import base64

from local.engine.context import Context
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    invokes,
    state_only,
)


def _schedule_deletion(context: Context, id_: str, state: Outputs) -> None:
    days = state.get("deletionWindowInDays", 30)
    context.client("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


@creates(
    "aws:kms/key:Key",
    update=Update(
        state_only,
        replaced_by=("customerMasterKeySpec", "keyUsage", "multiRegion"),
        changes=("deletionWindowInDays",),
    ),
    delete=_schedule_deletion,
)
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


@creates("aws:kms/alias:Alias", delete=Call("kms", "delete_alias", AliasName="name"))
def alias(context: Context, inputs: Inputs) -> Created:
    """An alias of a key."""
    name = inputs.get("name") or f"alias/{context.named(inputs, limit=250)}"
    target = inputs["targetKeyId"]
    context.call("kms", "create_alias", {}, AliasName=name, TargetKeyId=target)
    key_arn = context.call("kms", "describe_key", {}, KeyId=target)["KeyMetadata"]["Arn"]
    return name, {"name": name, "arn": context.arn("kms", name), "targetKeyArn": key_arn}


@invokes("aws:kms/getPublicKey:getPublicKey", preview={"publicKeyPem": "a public key"})
def get_public_key(context: Context, inputs: Inputs) -> Inputs:
    """Returns the public key of an asymmetric key."""
    found = context.call("kms", "get_public_key", inputs)
    der = base64.b64encode(found["PublicKey"]).decode()
    lines = "\n".join(der[start : start + 64] for start in range(0, len(der), 64))
    return {
        "id": found["KeyId"],
        "arn": found["KeyId"],
        "keyId": inputs["keyId"],
        "customerMasterKeySpec": found["KeySpec"],
        "keyUsage": found["KeyUsage"],
        "publicKey": der,
        "publicKeyPem": f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n",
        "signingAlgorithms": found.get("SigningAlgorithms", []),
        "encryptionAlgorithms": found.get("EncryptionAlgorithms", []),
        "region": context.region,
    }
