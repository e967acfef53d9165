"""Where IAM policies are, and what their statements allow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .rule import Resource, as_list

IDENTITY_POLICIES: Mapping[str, str] = {
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "inlinePolicies.policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iot/policy:Policy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Types with what an identity may do, and where the documents are."""

RESOURCE_POLICIES: Mapping[str, str] = {
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "policyDocument",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:elasticsearch/domain:Domain": "accessPolicies",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:kms/externalKey:ExternalKey": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    "aws:s3tables/tableBucketPolicy:TableBucketPolicy": "resourcePolicy",
    "aws:schemas/registryPolicy:RegistryPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
"""Types with who may use a resource, and where the document is.

API Gateway is not among them: without a policy, its APIs are open to everyone, and a policy that
restricts them often allows everyone first. Neither are VPC endpoints, whose policies restrict what
the network may reach.
"""

# What says who calls. Source: "The meaning of public" in "Blocking public access to your Amazon S3
# storage", Amazon S3 user guide; further keys of the same kind from "AWS global condition context
# keys" in the IAM user guide, and kms:CallerAccount from the AWS KMS developer guide.
_CALLER_KEYS = frozenset(
    (
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    )
)
# Negated operators, `IfExists` and `ForAllValues:` also hold for requests without the key.
_OPERATOR = re.compile(
    r"(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)", re.I
)
# Services whose ARNs have no type before the name: `arn:aws:s3:::bucket/key`.
_UNTYPED = ("execute-api", "s3", "sns", "sqs")
_EVERY_ADDRESS = re.compile(r".*/0")


def allowing(resource: Resource, paths: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the statements that allow something in the policies of a resource."""
    path = paths.get(resource.type)
    found = resource.statements(path) if path else []
    return [each for each in found if each.get("Effect") == "Allow"]


def is_wild(text: str) -> bool:
    """Whether a text matches everything: it is made of wildcards."""
    return bool(text) and not text.strip("*?")


def names_nothing(arn: str) -> bool:
    """Whether an ARN matches every resource of a type, or those of every account."""
    parts = arn.split(":", 5)
    if is_wild(arn) or len(parts) < 6:
        return "*" in arn or "?" in arn
    service, account, name = parts[2], parts[4], parts[5].lstrip("/")
    segments = re.split("[/:]", name)
    first = segments[0] if service in _UNTYPED or len(segments) == 1 else segments[1]
    return is_wild(service) or is_wild(account) or is_wild(first)


def allows_anyone(statement: Mapping[str, Any]) -> bool:
    """Whether callers that nobody has named may use the resource.

    They may if the principal is `*`, unless a condition says who calls, and if principals are only
    excluded. Users of an identity provider are anyone too, unless there is a condition.
    """
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    kinds = principal if isinstance(principal, Mapping) else {"AWS": principal}
    everyone = any(is_wild(str(each)) for value in kinds.values() for each in as_list(value))
    if everyone:
        return not any(key in _CALLER_KEYS for key in fixed_keys(statement))
    federated = any("saml-provider/" not in str(each) for each in as_list(kinds.get("Federated")))
    return federated and not any(fixed_keys(statement))


def fixed_keys(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys, in lower case, that a condition compares with fixed values."""
    for operator, keys in (statement.get("Condition") or {}).items():
        if _OPERATOR.fullmatch(operator):
            for key, values in keys.items():
                given = [str(each) for each in as_list(values)]
                if given and not any(map(_is_open, given)):
                    yield key.lower()


def _is_open(value: str) -> bool:
    if value.startswith("arn:"):
        return names_nothing(value)
    return is_wild(value) or bool(_EVERY_ADDRESS.fullmatch(value))
