"""SigningKeys: the keys that sign links, in two slots, so that one can follow the other."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, signing_key_policy
from .._blocks.validate import Problems

SLOTS = ("a", "b")
_KEY_SPECS = {"ECDSA_P256": "ECC_NIST_P256", "RSA_2048": "RSA_2048"}
_ALGORITHMS = {"ECDSA_P256": "ECDSA_SHA_256", "RSA_2048": "RSASSA_PKCS1_V1_5_SHA_256"}


class SigningKeyArgs(TypedDict):
    generation: NotRequired[int]
    """1 to 9999; another number makes another key in place of this one, 0 takes it away.
    Default: 1."""
    algorithm: NotRequired[str]
    """Of a KMS key: `ECDSA_P256` or `RSA_2048`. Default: `ECDSA_P256`."""
    secret_arn: NotRequired[pulumi.Input[str]]
    """ARN of a secret with the private key (PEM, PKCS #8), which then signs inside the function,
    for more links than KMS signs. Default: none; KMS holds the key."""
    public_key_pem: NotRequired[pulumi.Input[str]]
    """The public half of that key; needed beside `secret_arn`."""


class SigningArgs(TypedDict):
    key_a: NotRequired[SigningKeyArgs]
    """The key in slot a. Default: a KMS key, unless there is a `key_b`."""
    key_b: NotRequired[SigningKeyArgs]
    """The key in slot b. Default: none."""
    slot: NotRequired[str]
    """The slot whose key signs, `a` or `b`; links of both hold. Default: the only one, else `a`."""


class SigningKeys:
    """KMS keys or secrets, CloudFront's copies of their public halves, and the group of both.

    A new key gets a name of its own, so that the old one leaves the group before it is deleted:
    CloudFront deletes no public key that a group has. Adds no level to the URN.
    """

    def __init__(
        self, name: str, args: SigningArgs, *, parent: pulumi.Resource, retain: bool
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._retain = retain
        self._keys = _keys(args)
        self._slot = _slot(args)
        self._arns: dict[str, pulumi.Output[str]] = {}
        ids = {slot: self._create(slot, key) for slot, key in self._keys.items()}
        self.key_id = ids[self._slot]
        """CloudFront's ID of the key that signs."""
        self.group_id = self._create_group(list(ids.values()))
        """The key group that behaviors must trust."""

    @property
    def in_process(self) -> bool:
        """Whether the function itself holds the key that signs."""
        return "secret_arn" in self._keys[self._slot]

    def grant_sign(self) -> AccessArgs:
        """For the function that signs: one key, and that only."""
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
        suffix = f"{slot}{int(key.get('generation', 1))}"
        if "secret_arn" in key:
            self._arns[slot] = pulumi.Output.from_input(key["secret_arn"])
            pem: pulumi.Input[str] = key["public_key_pem"]
        else:
            made = self._create_kms_key(suffix, key)
            self._arns[slot] = made.arn
            pem = aws.kms.get_public_key_output(key_id=made.arn).public_key_pem
        return aws.cloudfront.PublicKey(
            f"{self._name}-public-key-{suffix}", encoded_key=pem, opts=self._opts
        ).id

    def _create_kms_key(self, suffix: str, key: SigningKeyArgs) -> aws.kms.Key:
        caller = aws.get_caller_identity_output()
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


def check_signing(problems: Problems, args: SigningArgs) -> None:
    """Check the `signing` argument of a component."""
    problems.unknown(args, SigningArgs.__annotations__)
    problems.one_of(args, "slot", SLOTS)
    there = _slot(args) in _keys(args)
    problems.that(there, "signing.slot", f"there is no key_{_slot(args)} to sign with")
    for slot, key in (("a", args.get("key_a", {})), ("b", args.get("key_b", {}))):
        where = f"signing.key_{slot}"
        problems.unknown(key, SigningKeyArgs.__annotations__)
        problems.between(key, "generation", 0, 9999, "whole steps")
        problems.one_of(key, "algorithm", tuple(_KEY_SPECS))
        problems.together(key, "secret_arn", "public_key_pem")
        both = "secret_arn" in key and "algorithm" in key
        problems.that(not both, where, "'algorithm' is that of the key in the secret; leave it out")


def _keys(args: SigningArgs) -> Mapping[str, SigningKeyArgs]:
    """The keys that there shall be, by slot."""
    if "key_a" not in args and "key_b" not in args:
        return {"a": {}}
    given = {"a": args.get("key_a"), "b": args.get("key_b")}
    return {
        slot: key for slot, key in given.items() if key is not None and key.get("generation", 1)
    }


def _slot(args: SigningArgs) -> str:
    keys = list(_keys(args))
    return args.get("slot") or (keys[0] if len(keys) == 1 else "a")


def _algorithm(key: SigningKeyArgs) -> str:
    return key.get("algorithm", "ECDSA_P256")
