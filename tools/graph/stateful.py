"""Which resources hold what cannot be made again, and what would lose it.

A change of most inputs updates a resource in place. The inputs listed here replace it: AWS cannot
change them (AWS CloudFormation's reference of each type, "Update requires: Replacement").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stateful:
    """A type whose resources hold data, identities or addresses that others rely on."""

    holds: str
    """What is lost with it."""
    replaced_by: frozenset[str]
    """Inputs whose change replaces it."""
    guards: Mapping[str, Any] = field(default_factory=dict)
    """Inputs that keep it from being lost, with the value that does."""


def _stateful(holds: str, *replaced_by: str, **guards: object) -> Stateful:
    return Stateful(holds, frozenset(replaced_by), guards)


STATEFUL = {
    "aws:cloudfront/distribution:Distribution": _stateful("its domain name", "staging"),
    "aws:cognito/identityPool:IdentityPool": _stateful(
        "the identities of its users", "developerProviderName"
    ),
    "aws:cognito/userPool:UserPool": _stateful(
        "its users",
        "aliasAttributes",
        "usernameAttributes",
        "usernameConfiguration",
        deletionProtection="ACTIVE",
    ),
    "aws:dynamodb/table:Table": _stateful(
        "its items",
        "name",
        "hashKey",
        "rangeKey",
        "localSecondaryIndexes",
        deletionProtectionEnabled=True,
        pointInTimeRecovery={"enabled": True},
    ),
    "aws:efs/fileSystem:FileSystem": _stateful(
        "its files",
        "availabilityZoneName",
        "creationToken",
        "encrypted",
        "kmsKeyId",
        "performanceMode",
    ),
    "aws:kinesis/stream:Stream": _stateful("records on their way", "name"),
    "aws:kms/key:Key": _stateful(
        "everything encrypted or signed with it",
        "customKeyStoreId",
        "customerMasterKeySpec",
        "keyUsage",
        "multiRegion",
    ),
    "aws:rds/cluster:Cluster": _stateful(
        "its databases",
        "clusterIdentifier",
        "databaseName",
        "engine",
        "kmsKeyId",
        "masterUsername",
        "storageEncrypted",
        deletionProtection=True,
    ),
    "aws:rds/instance:Instance": _stateful(
        "its databases",
        "dbName",
        "engine",
        "kmsKeyId",
        "storageEncrypted",
        "username",
        deletionProtection=True,
    ),
    "aws:redshiftserverless/namespace:Namespace": _stateful(
        "its databases", "dbName", "namespaceName"
    ),
    "aws:route53/zone:Zone": _stateful("its name servers", "name"),
    "aws:s3/bucket:Bucket": _stateful(
        "its objects",
        "bucket",
        "bucketPrefix",
        "bucketNamespace",
        "objectLockEnabled",
        forceDestroy=False,
    ),
    "aws:secretsmanager/secret:Secret": _stateful("its values", "name", "namePrefix"),
    "aws:sqs/queue:Queue": _stateful("messages on their way", "fifoQueue", "name", "namePrefix"),
}
EVERY_TYPE = frozenset(("region",))
"""Inputs of every type of pulumi-aws whose change replaces the resource."""


def replacing(type_: str, changed: set[str]) -> set[str]:
    """Which of the changed inputs replace a resource of this type."""
    known = STATEFUL.get(type_)
    return changed & (EVERY_TYPE | (known.replaced_by if known else frozenset()))


def guards_removed(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The inputs that guarded a resource and do so no longer."""
    known = STATEFUL.get(type_)
    wanted = known.guards if known else {}
    return [key for key, on in wanted.items() if old.get(key) == on and new.get(key) != on]
