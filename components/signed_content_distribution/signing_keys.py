"""SigningKeys: the keys that sign links, in two slots, for rotation."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, signing_key_policy
from .._blocks.arguments import Between, OneOf, Problems, declare

SLOTS = ("a", "b")
_KEY_SPECS = {"ECDSA_P256": "ECC_NIST_P256", "RSA_2048": "RSA_2048"}
_ALGORITHMS = {"ECDSA_P256": "ECDSA_SHA_256", "RSA_2048": "RSASSA_PKCS1_V1_5_SHA_256"}


class SigningKeyArgs(TypedDict):
    """A key that signs links."""

    generation: NotRequired[int]
    """Number of the key, 1 to 9999. Another number replaces the key; 0 deletes it. Default: 1."""
    algorithm: NotRequired[str]
    """Algorithm of a KMS key: `ECDSA_P256` or `RSA_2048`. Default: `ECDSA_P256`."""
    secret_arn: NotRequired[pulumi.Input[str]]
    """ARN of a secret with the private key (PEM, PKCS #8). The function then signs itself, which is
    not limited by the quotas of KMS. Default: none; KMS holds the key."""
    public_key_pem: NotRequired[pulumi.Input[str]]
    """Public key (PEM) of the key in the secret. Required with `secret_arn`."""


class SigningArgs(TypedDict):
    """Keys that sign links. Links of both keys are valid."""

    key_a: NotRequired[SigningKeyArgs]
    """The key in slot a. Default: a KMS key, unless there is a `key_b`."""
    key_b: NotRequired[SigningKeyArgs]
    """The key in slot b. Default: none."""
    slot: NotRequired[str]
    """Slot of the key that signs: `a` or `b`. Default: the only slot with a key, or else `a`."""


def _check_key(problems: Problems, path: str, args: SigningKeyArgs) -> None:
    problems.together(args, path, "secret_arn", "public_key_pem")
    both = "secret_arn" in args and "algorithm" in args
    problems.unless(not both, f"{path}.algorithm", "has no effect with `secret_arn`")


def _check(problems: Problems, path: str, args: SigningArgs) -> None:
    slot = _slot(args)
    valid = slot in _keys(args) or slot not in SLOTS
    problems.unless(valid, f"{path}.slot", f"is '{slot}', but there is no key in this slot")


declare(
    SigningKeyArgs,
    defaults={"generation": 1},
    limits={
        "generation": Between(0, 9999),
        "algorithm": OneOf(tuple(_KEY_SPECS)),
    },
    check=_check_key,
)
declare(SigningArgs, limits={"slot": OneOf(SLOTS)}, check=_check)


class SigningKeys:
    """KMS keys or secrets, CloudFront's public keys of them, and the key group.

    A new key gets a new name, so that the old one is removed from the group before it is deleted:
    CloudFront does not delete a public key that is in a group. Adds no level to the URN.
    """

    def __init__(
        self, name: str, args: SigningArgs, *, parent: pulumi.Resource, retain: bool
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._invoke_opts = pulumi.InvokeOutputOptions(parent=parent)
        self._retain = retain
        self._keys = _keys(args)
        self._slot = _slot(args)
        self._arns: dict[str, pulumi.Output[str]] = {}
        ids = {slot: self._create(slot, key) for slot, key in self._keys.items()}
        self.key_id = ids[self._slot]
        """ID of the CloudFront public key of the key that signs."""
        self.group_id = self._create_group(list(ids.values()))
        """ID of the key group that behaviors must trust."""

    @property
    def in_process(self) -> bool:
        """Whether the function itself signs, with a key in a secret."""
        return "secret_arn" in self._keys[self._slot]

    def grant_sign(self) -> AccessArgs:
        """Access of the function that signs to its key."""
        arn, key = self._arns[self._slot], self._keys[self._slot]
        if self.in_process:
            return {
                "environment": {"KEY_ID": self.key_id, "SIGNING_SECRET_ARN": arn},
                "statements": [allow(["secretsmanager:GetSecretValue"], arn)],
            }
        return {
            "environment": {
                "KEY_ID": self.key_id,
                "SIGNING_KEY_ARN": arn,
                "SIGNING_ALGORITHM": _ALGORITHMS[_algorithm(key)],
            },
            "statements": [allow(["kms:Sign"], arn)],
        }

    def _create(self, slot: str, key: SigningKeyArgs) -> pulumi.Output[str]:
        suffix = f"{slot}{key['generation']}"
        if "secret_arn" in key:
            self._arns[slot] = pulumi.Output.from_input(key["secret_arn"])
            pem: pulumi.Input[str] = key["public_key_pem"]
        else:
            made = self._create_kms_key(suffix, key)
            self._arns[slot] = made.arn
            pem = aws.kms.get_public_key_output(
                key_id=made.arn, opts=self._invoke_opts
            ).public_key_pem
        return aws.cloudfront.PublicKey(
            f"{self._name}-public-key-{suffix}",
            # CloudFront stores it with a newline; a key without one would be replaced each time.
            encoded_key=pulumi.Output.from_input(pem).apply(lambda text: f"{text.strip()}\n"),
            opts=self._opts,
        ).id

    def _create_kms_key(self, suffix: str, key: SigningKeyArgs) -> aws.kms.Key:
        caller = aws.get_caller_identity_output(opts=self._invoke_opts)
        return aws.kms.Key(
            f"{self._name}-key-{suffix}",
            description=f"Signs links of {self._name}",
            key_usage="SIGN_VERIFY",
            customer_master_key_spec=_KEY_SPECS[_algorithm(key)],
            policy=signing_key_policy(caller.arn, caller.account_id),
            deletion_window_in_days=30 if self._retain else 7,
            opts=self._opts,
        )

    def _create_group(self, ids: list[pulumi.Output[str]]) -> pulumi.Output[str]:
        return aws.cloudfront.KeyGroup(f"{self._name}-key-group", items=ids, opts=self._opts).id


def _keys(args: SigningArgs) -> Mapping[str, SigningKeyArgs]:
    """The keys by slot, without deleted ones."""
    if "key_a" not in args and "key_b" not in args:
        return {"a": {"generation": 1}}
    given = {"a": args.get("key_a"), "b": args.get("key_b")}
    return {slot: key for slot, key in given.items() if key is not None and key["generation"]}


def _slot(args: SigningArgs) -> str:
    keys = list(_keys(args))
    return args.get("slot") or (keys[0] if len(keys) == 1 else "a")


def _algorithm(key: SigningKeyArgs) -> str:
    return key.get("algorithm", "ECDSA_P256")
