"""The facts about resource types that the rules and `python -m tools.graph` need.

A change of most inputs updates a resource in place. The inputs in `replaced_by` replace it: AWS
cannot change them ("Update requires: Replacement" in AWS CloudFormation's reference of each type).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Protection(NamedTuple):
    """An input that keeps AWS from deleting a resource."""

    key: str
    """Its path: `pointInTimeRecovery.enabled`."""
    value: Any
    default: Any = False
    """The value that AWS uses where the input is missing."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type."""

    holds: str = ""
    """The data, identities or addresses that are lost with a resource; empty if there are none."""
    replaced_by: tuple[str, ...] = ()
    """Inputs whose change replaces a resource."""
    protection: Protection | None = None
    """Deletion protection; required in prod."""
    guards: tuple[Protection, ...] = ()
    """Other inputs that prevent a loss."""
    safeguard: str = ""
    """What a resource keeps of the data in another one, and what is lost with it."""
    encrypted_by: tuple[str, ...] = ()
    """Properties that encrypt at rest; one of them is required."""
    tls_policy: str = ""
    """Type of the policy that must reject requests without TLS."""
    tagged: bool = False
    """Whether tags are required."""

    @property
    def protections(self) -> tuple[Protection, ...]:
        """Return all inputs that prevent a loss, deletion protection included."""
        return (*((self.protection,) if self.protection else ()), *self.guards)


# A last snapshot and the automated backups outlive the database.
_SNAPSHOTS = (
    Protection("skipFinalSnapshot", value=False),
    Protection("deleteAutomatedBackups", value=False, default=True),
)
RESOURCE_TYPES: Mapping[str, ResourceType] = {
    "aws:backup/plan:Plan": ResourceType(safeguard="the backups that it makes"),
    "aws:backup/selection:Selection": ResourceType(safeguard="backups of what it selects"),
    "aws:backup/vault:Vault": ResourceType(holds="its backups", replaced_by=("name", "kmsKeyArn")),
    "aws:cloudfront/distribution:Distribution": ResourceType(
        holds="its domain name", replaced_by=("staging",), tagged=True
    ),
    "aws:cognito/identityPool:IdentityPool": ResourceType(
        holds="the identities of its users", replaced_by=("developerProviderName",)
    ),
    "aws:cognito/userPool:UserPool": ResourceType(
        holds="its users",
        replaced_by=("aliasAttributes", "usernameAttributes", "usernameConfiguration"),
        protection=Protection("deletionProtection", "ACTIVE", "INACTIVE"),
        tagged=True,
    ),
    "aws:dax/cluster:Cluster": ResourceType(encrypted_by=("serverSideEncryption.enabled",)),
    "aws:dynamodb/table:Table": ResourceType(
        holds="its items",
        replaced_by=("name", "hashKey", "rangeKey", "localSecondaryIndexes"),
        protection=Protection("deletionProtectionEnabled", True),
        guards=(Protection("pointInTimeRecovery.enabled", True),),
        encrypted_by=("serverSideEncryption.enabled",),
        tagged=True,
    ),
    "aws:docdb/cluster:Cluster": ResourceType(
        holds="its databases",
        replaced_by=("clusterIdentifier", "kmsKeyId", "masterUsername", "storageEncrypted"),
        guards=(Protection("deletionProtection", True), _SNAPSHOTS[0]),
    ),
    "aws:ebs/volume:Volume": ResourceType(encrypted_by=("encrypted",)),
    "aws:ec2/natGateway:NatGateway": ResourceType(tagged=True),
    "aws:ecr/repository:Repository": ResourceType(
        holds="its images",
        replaced_by=("name", "encryptionConfigurations"),
        guards=(Protection("forceDelete", value=False),),
    ),
    "aws:ecs/service:Service": ResourceType(tagged=True),
    "aws:efs/backupPolicy:BackupPolicy": ResourceType(
        safeguard="backups of its file system",
        guards=(Protection("backupPolicy.status", "ENABLED"),),
    ),
    "aws:efs/fileSystem:FileSystem": ResourceType(
        holds="its files",
        replaced_by=(
            "availabilityZoneName",
            "creationToken",
            "encrypted",
            "kmsKeyId",
            "performanceMode",
        ),
        encrypted_by=("encrypted",),
        tagged=True,
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": ResourceType(
        encrypted_by=("atRestEncryptionEnabled",)
    ),
    "aws:kinesis/stream:Stream": ResourceType(
        holds="records in transit",
        replaced_by=("name",),
        encrypted_by=("kmsKeyId",),
        tagged=True,
    ),
    "aws:kms/key:Key": ResourceType(
        holds="everything encrypted or signed with it",
        replaced_by=("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion"),
        guards=(Protection("isEnabled", True, True),),
        tagged=True,
    ),
    "aws:kms/externalKey:ExternalKey": ResourceType(
        holds="everything encrypted with it", guards=(Protection("enabled", True, True),)
    ),
    "aws:kms/replicaKey:ReplicaKey": ResourceType(
        holds="everything encrypted or signed with it",
        replaced_by=("primaryKeyArn",),
        guards=(Protection("enabled", True, True),),
    ),
    "aws:lambda/function:Function": ResourceType(tagged=True),
    "aws:lb/loadBalancer:LoadBalancer": ResourceType(
        protection=Protection("enableDeletionProtection", True), tagged=True
    ),
    "aws:neptune/cluster:Cluster": ResourceType(
        holds="its databases",
        replaced_by=("clusterIdentifier", "kmsKeyArn", "storageEncrypted"),
        guards=(Protection("deletionProtection", True), _SNAPSHOTS[0]),
    ),
    "aws:opensearch/domain:Domain": ResourceType(holds="its indexes", replaced_by=("domainName",)),
    "aws:rds/cluster:Cluster": ResourceType(
        holds="its databases",
        replaced_by=(
            "clusterIdentifier",
            "databaseName",
            "engine",
            "kmsKeyId",
            "masterUsername",
            "storageEncrypted",
        ),
        protection=Protection("deletionProtection", True),
        guards=_SNAPSHOTS,
        encrypted_by=("storageEncrypted",),
        tagged=True,
    ),
    "aws:rds/instance:Instance": ResourceType(
        holds="its databases",
        replaced_by=("dbName", "engine", "kmsKeyId", "storageEncrypted", "username"),
        protection=Protection("deletionProtection", True),
        guards=_SNAPSHOTS,
        encrypted_by=("storageEncrypted",),
        tagged=True,
    ),
    "aws:redshift/cluster:Cluster": ResourceType(
        holds="its databases",
        replaced_by=("clusterIdentifier", "databaseName", "masterUsername"),
        guards=(_SNAPSHOTS[0],),
    ),
    "aws:redshiftserverless/namespace:Namespace": ResourceType(
        holds="its databases", replaced_by=("dbName", "namespaceName")
    ),
    "aws:route53/zone:Zone": ResourceType(holds="its name servers", replaced_by=("name",)),
    "aws:s3/bucket:Bucket": ResourceType(
        holds="its objects",
        replaced_by=("bucket", "bucketPrefix", "bucketNamespace", "objectLockEnabled"),
        protection=Protection("forceDestroy", value=False),
        guards=(Protection("versioning.enabled", True),),
        tls_policy="aws:s3/bucketPolicy:BucketPolicy",
        tagged=True,
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ResourceType(
        safeguard="copies of new objects"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ResourceType(
        safeguard="earlier versions of objects",
        guards=(Protection("versioningConfiguration.status", "Enabled"),),
    ),
    "aws:secretsmanager/secret:Secret": ResourceType(
        holds="its values", replaced_by=("name", "namePrefix")
    ),
    "aws:sns/topic:Topic": ResourceType(
        encrypted_by=("kmsMasterKeyId",),
        tls_policy="aws:sns/topicPolicy:TopicPolicy",
        tagged=True,
    ),
    "aws:sqs/queue:Queue": ResourceType(
        holds="messages in transit",
        replaced_by=("fifoQueue", "name", "namePrefix"),
        encrypted_by=("sqsManagedSseEnabled", "kmsMasterKeyId"),
        tls_policy="aws:sqs/queuePolicy:QueuePolicy",
        tagged=True,
    ),
}
_OTHER = ResourceType()


def resource_type(type_: str) -> ResourceType:
    """Return the facts about a type; none about a type that is not in the table."""
    return RESOURCE_TYPES.get(type_, _OTHER)
