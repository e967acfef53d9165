"""Access as data: what a resource's owner hands out. The only file that spells IAM policy JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from .arguments import Matches, declare
from .validate import Problems

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
    actions: Sequence[str]
    """IAM actions, each spelled out: `dynamodb:GetItem`. A `*` is refused."""
    resources: Sequence[pulumi.Input[str]]
    """ARNs that the actions apply to."""
    condition: NotRequired[dict[str, Any]]
    """When, in IAM's own form: `{"StringLike": {"s3:prefix": ["users/*"]}}`. Default: always."""


class AccessArgs(TypedDict):
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables that tell the function what it may reach. Default: none."""
    statements: NotRequired[Sequence[StatementArgs]]
    """What the function's role may do. Default: nothing."""


_ACTION = Matches(r"[a-z0-9-]+:\w+", "an IAM action without a wildcard: 's3:GetObject'")
declare(StatementArgs, limits={"actions": _ACTION})


def allow(actions: Sequence[str], *resources: pulumi.Input[str]) -> StatementArgs:
    """A statement that allows `actions` on `resources`."""
    return {"actions": actions, "resources": resources}


def check_access(problems: Problems, key: str, access: Sequence[AccessArgs]) -> None:
    """Refuse wildcard actions in what a caller grants by the argument `key`."""
    for statement in (each for grant in access for each in grant.get("statements", ())):
        for action in statement["actions"]:
            fine = "*" not in action
            problems.that(fine, key, f"action '{action}' has a wildcard; name each action")


def role_policy(statements: Sequence[StatementArgs]) -> pulumi.Output[str]:
    """The JSON document of a role's policy."""
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
    """The JSON document that lets AWS services (`lambda.amazonaws.com`) assume a role."""
    principal = {"Service": services[0] if len(services) == 1 else list(services)}
    return _document([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}])


def identity_pool_trust_policy(identity_pool_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """The JSON document that lets signed-in users of an identity pool assume a role, with tags."""
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
    tls_only: str,
    *resources: pulumi.Input[str],
    actions: Sequence[str] = (),
    on: Optional[pulumi.Input[str]] = None,
    senders: Optional[Mapping[str, pulumi.Input[str]]] = None,
) -> pulumi.Output[str]:
    """The JSON document of a bucket's, queue's or topic's own policy.

    Args:
        tls_only: action prefix (`s3`, `sqs`, `sns`) that is denied to every request without TLS.
        resources: ARNs the policy speaks of.
        actions: what the services may do.
        on: the ARN that they may do it to. Default: the first of `resources`.
        senders: by AWS service, the one resource that it acts for.
    """
    statements: list[object] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": f"{tls_only}:*",
            "Resource": list(resources),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    for service, source_arn in (senders or {}).items():
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": list(actions),
                "Resource": resources[0] if on is None else on,
                "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
            }
        )
    return _document(statements)


def key_policy(
    caller_arn: pulumi.Input[str], account_id: pulumi.Input[str], service: str
) -> pulumi.Output[str]:
    """The JSON document of a KMS key's policy: the account administers it, a service uses it.

    Args:
        caller_arn: who deploys; its partition is the account's.
        account_id: the account.
        service: AWS service that encrypts with the key, on behalf of this account only.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": _root(caller_arn, account_id)},
                "Action": _KEY_ADMINISTRATION,
                "Resource": "*",  # in a key's policy: this key
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
    """The JSON document of a signing key's policy: the account administers it and reads its public
    half; who signs is left to the policies of the account's roles.

    Args:
        caller_arn: who deploys; its partition is the account's.
        account_id: the account.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": _root(caller_arn, account_id)},
                "Action": [*_KEY_ADMINISTRATION, "kms:GetPublicKey", "kms:Sign"],
                "Resource": "*",  # in a key's policy: this key
            }
        ]
    )


def integration_policy(
    namespace_arn: pulumi.Input[str],
    bucket_arn: pulumi.Input[str],
    caller_arn: pulumi.Input[str],
    account_id: pulumi.Input[str],
) -> pulumi.Output[str]:
    """The JSON document of a Redshift namespace's policy: one bucket may announce its files.

    Args:
        namespace_arn: the namespace.
        bucket_arn: the bucket.
        caller_arn: any ARN of the account's partition.
        account_id: the account that makes the integration.
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
    """A JSON statement for a caller's own bucket policy: one distribution may read its objects."""
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
