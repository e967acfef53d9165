"""customer_managed_key: one KMS key of your own for all stores of a stack or a component."""

from collections.abc import Callable, Mapping
from typing import Any, Optional

import pulumi

from ._blocks.arguments import ArgumentsError, Matches

KEY_ARN = Matches(r"arn:[^:]+:kms:[a-z0-9-]+:\d{12}:key/.+", "the ARN of a KMS key")
Props = Mapping[str, Any]


def customer_managed_key(key_arn: str) -> pulumi.ResourceTransform:
    """Return a transform that encrypts each store with a key, unless it has a key of its own.

        key = customer_managed_key("arn:aws:kms:eu-west-1:123456789012:key/ID")
        # All stores of the stack that are registered after this line:
        pulumi.runtime.register_resource_transform(key)
        # The stores of one component:
        OutboxPipeline("orders", {}, pulumi.ResourceOptions(transforms=[key]))

    Stores are tables, buckets, queues, streams, databases, caches, archives of events, secrets,
    logs, environment variables and results of queries. Resources whose `region` is not that of the
    key are left as they are. The policy of the key lets roles and services use it; docs/security.md
    has it.

    Args:
        key_arn: ARN of a symmetric key in the region of the stores. Create it outside of the stack,
            so that the data can be read as long as there is data.

    Raises:
        ArgumentsError: `key_arn` is not the ARN of a key.
        ValueError: from the transform, for a table with replicas.
    """
    problem = KEY_ARN.problem(key_arn)
    if problem:
        raise ArgumentsError("customer_managed_key", [("key_arn", problem)])
    region = key_arn.split(":")[3]

    def transform(
        resource: pulumi.ResourceTransformArgs,
    ) -> Optional[pulumi.ResourceTransformResult]:
        props = resource.props
        if resource.type_ not in STORES or props.get("region") not in (None, region):
            return None
        changed = {**props, **STORES[resource.type_](props, key_arn)}
        given = {name: value for name, value in changed.items() if value is not None}
        return pulumi.ResourceTransformResult(given, resource.opts)

    return transform


def _table(props: Props, key: str) -> Props:
    if props.get("replicas"):
        # Each replica needs a key in its own region ("Managing encrypted global tables" in the
        # DynamoDB developer guide).
        raise ValueError(
            "customer_managed_key: a key of one region cannot encrypt a table with replicas"
        )
    encryption = {"kmsKeyArn": key, **props.get("serverSideEncryption", {}), "enabled": True}
    return {"serverSideEncryption": encryption}


def _bucket(props: Props, key: str) -> Props:
    by_default = "applyServerSideEncryptionByDefault"
    if any(each.get(by_default, {}).get("kmsMasterKeyId") for each in props["rules"]):
        return {}
    # A bucket key lets S3 ask KMS once for many objects.
    encryption = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
    return {"rules": [{by_default: encryption, "bucketKeyEnabled": True}]}


def _queue(props: Props, key: str) -> Props:
    if props.get("kmsMasterKeyId"):
        return {}
    return {"kmsMasterKeyId": key, "sqsManagedSseEnabled": None}  # they exclude each other


def _stream(props: Props, key: str) -> Props:
    own = props.get("kmsKeyId", "")
    return {} if own and own != "alias/aws/kinesis" else {"encryptionType": "KMS", "kmsKeyId": key}


def _delivery_stream(props: Props, key: str) -> Props:
    # Without it, the source is a stream, which Firehose encrypts as the stream is encrypted.
    encryption = props.get("serverSideEncryption") or {}
    if not encryption.get("enabled") or encryption.get("keyArn"):
        return {}
    encrypted = {"enabled": True, "keyType": "CUSTOMER_MANAGED_CMK", "keyArn": key}
    return {"serverSideEncryption": encrypted}


def _workgroup(props: Props, key: str) -> Props:
    configuration = props.get("configuration", {})
    results = configuration.get("resultConfiguration", {})
    if results.get("encryptionConfiguration", {}).get("kmsKeyArn"):
        return {}
    encryption = {"encryptionOption": "SSE_KMS", "kmsKeyArn": key}
    encrypted = {**results, "encryptionConfiguration": encryption}
    return {"configuration": {**configuration, "resultConfiguration": encrypted}}


def _function(props: Props, key: str) -> Props:
    return {"kmsKeyArn": props.get("kmsKeyArn", key)} if "environment" in props else {}


def _database(props: Props, key: str) -> Props:
    made = {"kmsKeyId": props.get("kmsKeyId", key)}
    if props.get("manageMasterUserPassword"):
        made["masterUserSecretKmsKeyId"] = props.get("masterUserSecretKmsKeyId", key)
    return made


def _by(argument: str) -> Callable[[Props, str], Props]:
    """Return the change of a store that takes the key as one argument."""
    return lambda props, key: {argument: props.get(argument, key)}


STORES: Mapping[str, Callable[[Props, str], Props]] = {
    "aws:athena/workgroup:Workgroup": _workgroup,
    "aws:cloudwatch/eventArchive:EventArchive": _by("kmsKeyIdentifier"),
    "aws:cloudwatch/logGroup:LogGroup": _by("kmsKeyId"),
    "aws:dynamodb/table:Table": _table,
    "aws:elasticache/serverlessCache:ServerlessCache": _by("kmsKeyId"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _delivery_stream,
    "aws:kinesis/stream:Stream": _stream,
    "aws:lambda/function:Function": _function,
    "aws:rds/cluster:Cluster": _database,
    "aws:rds/instance:Instance": _database,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _bucket
    ),
    "aws:secretsmanager/secret:Secret": _by("kmsKeyId"),
    "aws:sqs/queue:Queue": _queue,
}
"""The change of each type of store. Topics of components have a key of their own already."""
