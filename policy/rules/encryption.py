"""Data is encrypted at rest."""

from collections.abc import Iterator

from .resource_types import resource_type
from .rule import Resource, Rule

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)


def _encrypted(resource: Resource) -> Iterator[str]:
    properties = resource_type(resource.type).encrypted_by
    if properties and not any(resource.has(each) for each in properties):
        yield f"is not encrypted at rest; set {' or '.join(properties)}"


def _bucket_encrypted(resource: Resource) -> Iterator[str]:
    if resource.type == BUCKET and not resource.settings(BUCKET_ENCRYPTION):
        yield "has no BucketServerSideEncryptionConfiguration; add one"


RULES = (
    Rule(
        "encrypted",
        "Tables, queues, topics, streams, caches, databases and disks are encrypted.",
        _encrypted,
    ),
    Rule("bucket-encrypted", "Every bucket configures its encryption.", _bucket_encrypted, True),
)
