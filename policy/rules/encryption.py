"""Data is encrypted at rest."""

from collections.abc import Iterator

from .rule import Resource, Rule

# Any one of these properties will do.
ENCRYPTED_BY = {
    "aws:dynamodb/table:Table": ("serverSideEncryption.enabled",),
    "aws:efs/fileSystem:FileSystem": ("encrypted",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("atRestEncryptionEnabled",),
    "aws:kinesis/stream:Stream": ("kmsKeyId",),
    "aws:rds/cluster:Cluster": ("storageEncrypted",),
    "aws:rds/instance:Instance": ("storageEncrypted",),
    "aws:sns/topic:Topic": ("kmsMasterKeyId",),
    "aws:sqs/queue:Queue": ("sqsManagedSseEnabled", "kmsMasterKeyId"),
    "aws:dax/cluster:Cluster": ("serverSideEncryption.enabled",),
    "aws:ebs/volume:Volume": ("encrypted",),
}
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)


def _encrypted(resource: Resource) -> Iterator[str]:
    ways = ENCRYPTED_BY.get(resource.type)
    if ways and not any(resource.has(way) for way in ways):
        yield f"is not encrypted at rest; set {' or '.join(ways)}"


def _bucket_encrypted(resource: Resource) -> Iterator[str]:
    if resource.type == BUCKET and not resource.settings(BUCKET_ENCRYPTION):
        yield "has no BucketServerSideEncryptionConfiguration; add one"


RULES = (
    Rule("encrypted", "Tables, queues, topics, streams and disks are encrypted.", _encrypted),
    Rule("bucket-encrypted", "Every bucket says how it encrypts.", _bucket_encrypted, True),
)
