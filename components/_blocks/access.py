"""Permissions as data, and the IAM policies made of them. No other file contains policy JSON."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from .arguments import Matches, Problems, declare

_KEY_ADMINISTRATION = [
    f"kms:{action}"
    for action in (
        "CancelKeyDeletion",
        "DescribeKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListResourceTags",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateKeyDescription",
    )
]


class StatementArgs(TypedDict):
    """An IAM statement that allows actions."""

    actions: Sequence[str]
    """IAM actions without wildcards: `["dynamodb:GetItem"]`."""
    resources: Sequence[pulumi.Input[str]]
    """ARNs of the resources."""
    condition: NotRequired[dict[str, Any]]
    """IAM condition: `{"StringLike": {"s3:prefix": ["users/*"]}}`. Default: none."""


class AccessArgs(TypedDict):
    """What a function, or a service in containers or on instances, is granted."""

    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables: `{"TABLE": "orders"}`. Default: none."""
    statements: NotRequired[Sequence[StatementArgs]]
    """IAM statements to add to the policy of the role. Default: none."""
    security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """IDs of security groups whose members reach a resource in a VPC. The network interfaces become
    members, so a function needs `vpc`. Default: none."""


_ACTION = Matches(r"[a-z0-9-]+:\w+", "an IAM action without a wildcard: 's3:GetObject'")
_URL_NAME = re.compile(r"[a-z][a-z0-9_-]*")
declare(StatementArgs, limits={"actions": _ACTION})


def call(
    name: str,
    url: pulumi.Input[str],
    *,
    statements: Sequence[StatementArgs] = (),
    security_group_ids: Sequence[pulumi.Input[str]] = (),
) -> AccessArgs:
    """Return the access of a caller of a service.

    Args:
        name: name of the service, of which the environment has the address: `catalogue` as
            `CATALOGUE_URL`.
        url: address of the service.
        statements: see `AccessArgs`.
        security_group_ids: see `AccessArgs`.

    Raises:
        ValueError: the name has other characters than lowercase letters, digits, `-` and `_`.
    """
    if not _URL_NAME.fullmatch(name):
        raise ValueError(f"grant_call: '{name}' is no name in lowercase such as 'catalogue'")
    made: AccessArgs = {
        "environment": {f"{name.upper().replace('-', '_')}_URL": url},
        "statements": statements,
    }
    return {**made, "security_group_ids": security_group_ids} if security_group_ids else made


def security_groups(
    own: pulumi.Input[Sequence[pulumi.Input[str]]], access: Sequence[AccessArgs]
) -> pulumi.Output[list[str]]:
    """Return the IDs of all security groups of a network interface, each once."""
    joined = [group for each in access for group in each.get("security_group_ids", ())]
    return pulumi.Output.all(own, *joined).apply(
        lambda ids: list(dict.fromkeys([*ids[0], *ids[1:]]))
    )


def check_access(
    problems: Problems, path: str, access: Sequence[AccessArgs], *, vpc: str = ""
) -> None:
    """Check grants together.

    Args:
        problems: collects what is wrong.
        path: name of the argument that has the grants.
        access: the grants.
        vpc: name of the argument that would place the function in a VPC, if it is missing.
    """
    seen: set[str] = set()
    for number, each in enumerate(access):
        names = each.get("environment", {}).keys()
        for name in sorted(seen & names):
            problems.add(f"{path}[{number}].environment", f"has {name}, as another grant has")
        seen |= names
        problems.unless(
            not vpc or not each.get("security_group_ids"),
            f"{path}[{number}].security_group_ids",
            f"are for members of a VPC; the function needs `{vpc}`",
        )


def allow(actions: Sequence[str], *resources: pulumi.Input[str]) -> StatementArgs:
    """Return a statement that allows actions on resources."""
    return {"actions": actions, "resources": resources}


def role_policy(statements: Sequence[StatementArgs]) -> pulumi.Output[str]:
    """Return the JSON document of a role's policy."""
    return _document([_allow(each) for each in statements])


def _allow(statement: StatementArgs) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(statement["actions"]),
        "Resource": list(statement["resources"]),
    }
    if "condition" in statement:
        document["Condition"] = statement["condition"]
    return document


def trust_policy(*services: str) -> pulumi.Output[str]:
    """Return the trust policy of a role that AWS services assume: `lambda.amazonaws.com`."""
    principal = {"Service": services[0] if len(services) == 1 else list(services)}
    return _document([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}])


def identity_pool_trust_policy(identity_pool_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the trust policy of a role that signed-in users of an identity pool assume."""
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": identity_pool_id},
                    "ForAnyValue:StringLike": {
                        "cognito-identity.amazonaws.com:amr": "authenticated"
                    },
                },
            }
        ]
    )


def resource_policy(
    denied: str,
    *resources: pulumi.Input[str],
    actions: Sequence[str] = (),
    on: Optional[pulumi.Input[str]] = None,
    senders: Optional[Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = None,
) -> pulumi.Output[str]:
    """Return the JSON document of the policy of a bucket, queue or topic.

    Args:
        denied: action that is denied without TLS: `s3:*`, `sqs:*`, or `sns:Publish`, since a topic
            policy accepts no wildcard. Source: "Valid Amazon SNS policy actions" in the SNS
            developer guide.
        resources: ARNs that the denial applies to.
        actions: actions that AWS services are allowed.
        on: ARN that those actions apply to. Default: the first of `resources`.
        senders: ARN or ARNs of the resources on whose behalf a service acts, by service. A bucket
            must belong to the account of the first of `resources`.
    """
    statements: list[object] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": denied,
            "Resource": list(resources),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    for service, source_arn in (senders or {}).items():
        condition: dict[str, Any] = {"ArnEquals": {"aws:SourceArn": source_arn}}
        if service == "s3.amazonaws.com":
            condition["StringEquals"] = {"aws:SourceAccount": account_of(resources[0])}
        statements.append(
            {
                "Sid": service.split(".")[0].capitalize(),  # SNS requires one in each statement
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": list(actions),
                "Resource": resources[0] if on is None else on,
                "Condition": condition,
            }
        )
    return _document(statements)


def account_of(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the account in the ARN of a queue, topic, function or role, as the owner of a bucket.

    The ARN of a bucket names no account: after its deletion, somebody else can create a bucket of
    the same name. A condition on the ARN of a bucket needs the account beside it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return pulumi.Output.from_input(arn).apply(lambda text: text.split(":")[4])


def key_policy(
    caller_arn: pulumi.Input[str], account_id: pulumi.Input[str], service: str
) -> pulumi.Output[str]:
    """Return the policy of a KMS key that the account administers and an AWS service uses.

    Args:
        caller_arn: ARN of the caller, for the partition.
        account_id: ID of the account.
        service: AWS service that encrypts with the key, only on behalf of this account.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": _root(caller_arn, account_id)},
                "Action": _KEY_ADMINISTRATION,
                "Resource": "*",  # in the policy of a key: this key
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            },
        ]
    )


def signing_key_policy(
    caller_arn: pulumi.Input[str], account_id: pulumi.Input[str]
) -> pulumi.Output[str]:
    """Return the policy of a KMS key that signs: the account administers it, and policies of roles
    grant the permission to sign.

    Args:
        caller_arn: ARN of the caller, for the partition.
        account_id: ID of the account.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": _root(caller_arn, account_id)},
                "Action": [*_KEY_ADMINISTRATION, "kms:GetPublicKey", "kms:Sign"],
                "Resource": "*",  # in the policy of a key: this key
            }
        ]
    )


def integration_policy(
    namespace_arn: pulumi.Input[str],
    bucket_arn: pulumi.Input[str],
    caller_arn: pulumi.Input[str],
    account_id: pulumi.Input[str],
) -> pulumi.Output[str]:
    """Return the policy of a Redshift namespace that accepts an S3 event integration.

    Args:
        namespace_arn: ARN of the namespace.
        bucket_arn: ARN of the bucket that sends the events.
        caller_arn: ARN of the caller, for the partition.
        account_id: ID of the account that creates the integration.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "redshift.amazonaws.com"},
                "Action": "redshift:AuthorizeInboundIntegration",
                "Resource": namespace_arn,
                "Condition": {"StringEquals": {"aws:SourceArn": bucket_arn}},
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": _root(caller_arn, account_id)},
                "Action": "redshift:CreateInboundIntegration",
                "Resource": namespace_arn,
            },
        ]
    )


def origin_statement(
    bucket_arn: pulumi.Input[str], distribution_arn: pulumi.Input[str]
) -> pulumi.Output[str]:
    """Return the JSON statement of a bucket policy that allows a distribution to read objects."""
    return pulumi.Output.json_dumps(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": pulumi.Output.concat(bucket_arn, "/*"),
            "Condition": {"ArnEquals": {"aws:SourceArn": distribution_arn}},
        }
    )


def _root(caller_arn: pulumi.Input[str], account_id: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.all(caller_arn, account_id).apply(
        lambda parts: f"arn:{parts[0].split(':')[1]}:iam::{parts[1]}:root"
    )


def _document(statements: Sequence[object]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
