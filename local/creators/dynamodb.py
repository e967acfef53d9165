"""DynamoDB tables."""

from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates

RENAME = {
    "attributes": "AttributeDefinitions",
    "attributes.name": "AttributeName",
    "attributes.type": "AttributeType",
    "globalSecondaryIndexes.name": "IndexName",
    "globalSecondaryIndexes.keySchemas": "KeySchema",
    "localSecondaryIndexes.name": "IndexName",
}
HANDLED = (
    *("name", "hashKey", "rangeKey", "readCapacity", "writeCapacity", "streamEnabled"),
    *("streamViewType", "serverSideEncryption", "pointInTimeRecovery", "ttl", "replicas"),
)


def _update_table(context: Context, name: str, inputs: Inputs) -> Outputs:
    protected = bool(inputs.get("deletionProtectionEnabled"))
    context.client("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=protected)
    _settings(context, name, inputs)
    return {}


@creates(
    "aws:dynamodb/table:Table",
    update=Update(
        _update_table,
        replaced_by=("name", "hashKey", "rangeKey", "localSecondaryIndexes"),
        changes=("deletionProtectionEnabled", "pointInTimeRecovery"),
    ),
    delete=Call("dynamodb", "delete_table", TableName="name"),
)
def table(context: Context, inputs: Inputs) -> Created:
    """A table with its indexes, stream, TTL, backups and encryption."""
    name = context.named(inputs)
    made = context.call(
        "dynamodb",
        "create_table",
        {"billingMode": "PROVISIONED", **inputs, **_throughput(inputs), **_indexes(inputs)},
        RENAME,
        HANDLED,
        TableName=name,
        KeySchema=_keys(inputs),
        **_stream(inputs),
        **_encryption(inputs),
    )["TableDescription"]
    _settings(context, name, inputs)
    _replicate(context, name, inputs)
    return name, {
        "name": name,
        "arn": made["TableArn"],
        "streamArn": made.get("LatestStreamArn"),
        "streamLabel": made.get("LatestStreamLabel"),
    }


def _settings(context: Context, name: str, inputs: Inputs) -> None:
    """Applies the settings that DynamoDB takes only after the table exists."""
    if inputs.get("ttl"):
        ttl = {"enabled": True, **inputs["ttl"]}
        wanted = {"timeToLiveSpecification": ttl}
        context.call("dynamodb", "update_time_to_live", wanted, TableName=name)
    if inputs.get("pointInTimeRecovery"):
        recovery = inputs["pointInTimeRecovery"]
        wanted = {"pointInTimeRecoverySpecification": recovery}
        rename = {"pointInTimeRecoverySpecification.enabled": "PointInTimeRecoveryEnabled"}
        context.call("dynamodb", "update_continuous_backups", wanted, rename, TableName=name)


def _replicate(context: Context, name: str, inputs: Inputs) -> None:
    """Creates the replicas. The emulator replicates every write; the last writer wins."""
    for replica in inputs.get("replicas", []):
        create = {"Create": {"RegionName": replica["regionName"]}}
        context.call("dynamodb", "update_table", {}, TableName=name, ReplicaUpdates=[create])
        if replica.get("consistencyMode") == "STRONG":
            context.note("aws:dynamodb/table:Table: strong consistency between regions")


FLAT = (
    *("hashKey", "rangeKey", "projectionType", "nonKeyAttributes"),
    *("readCapacity", "writeCapacity"),
)


def _indexes(inputs: Inputs) -> dict[str, Any]:
    """Returns both kinds of index. A local one has the table's partition key. [] is invalid."""
    shared = {"localSecondaryIndexes": {"hashKey": inputs["hashKey"]}}
    return {
        kind: [_index({**shared.get(kind, {}), **each}) for each in inputs[kind]] or None
        for kind in ("globalSecondaryIndexes", "localSecondaryIndexes")
        if kind in inputs
    }


def _index(index: Inputs) -> Inputs:
    projection = {
        "projectionType": index["projectionType"],
        "nonKeyAttributes": index.get("nonKeyAttributes"),
    }
    keys = {} if "keySchemas" in index else {"keySchema": _keys(index)}
    others = {key: value for key, value in index.items() if key not in FLAT}
    return {**others, **keys, **_throughput(index), "projection": projection}


def _keys(inputs: Inputs) -> list[dict[str, str]]:
    keys = [(inputs.get("hashKey"), "HASH"), (inputs.get("rangeKey"), "RANGE")]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys if name]


def _throughput(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("readCapacity"):
        return {}
    units = {
        "readCapacityUnits": inputs["readCapacity"],
        "writeCapacityUnits": inputs["writeCapacity"],
    }
    return {"provisionedThroughput": units}


def _stream(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {}
    stream = {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}
    return {"StreamSpecification": stream}


def _encryption(inputs: Inputs) -> dict[str, Any]:
    encryption = inputs.get("serverSideEncryption")
    if not encryption or not encryption.get("enabled"):
        return {}
    wanted = {"Enabled": True, "SSEType": "KMS"}
    if encryption.get("kmsKeyArn"):
        wanted["KMSMasterKeyId"] = encryption["kmsKeyArn"]
    return {"SSESpecification": wanted}
