"""Table: an encrypted DynamoDB table, on demand or provisioned, with point-in-time recovery."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, allow
from .capacity import CapacityArgs, bounds, create_scaling
from .replicas import ReplicasArgs, table_replicas, table_witness

# Changed by auto scaling. Indexes are ignored as a whole: the provider compares them as a set, in
# which a scaled index would be another element.
_SCALED = ["readCapacity", "writeCapacity", "globalSecondaryIndexes"]


@dataclass(frozen=True)
class Index:
    """A global secondary index."""

    name: str
    keys: Mapping[str, str]
    """Key attributes and their types, as those of the table."""
    projection: str = "KEYS_ONLY"
    """`KEYS_ONLY`, or `ALL` to read items from the index."""


class Table:
    """A DynamoDB table with secure defaults, or a caller's own table. Adds no level to the URN.

    Args:
        name: name of the table.
        parent: the component it belongs to.
        keys: key attributes and their types, partition key first: `{"orderId": "S"}`.
        retain: protect the table from deletion, and enable point-in-time recovery.
        expires: whether items expire at their `expiresAt` (epoch seconds).
        stream: whether it has a stream of new images, and of old images if it can have replicas.
        index: its global secondary index; None for none.
        capacity: provisioned capacity; None for on demand.
        replicas: replicas of a global table; None for a table that never has replicas.
        adopt: ARN of the caller's own table; then nothing is created.
        adopt_stream: ARN of that table's stream.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        keys: Mapping[str, str],
        retain: bool,
        expires: bool = False,
        stream: bool = False,
        index: Optional[Index] = None,
        capacity: Optional[CapacityArgs] = None,
        replicas: Optional[ReplicasArgs] = None,
        adopt: Optional[pulumi.Input[str]] = None,
        adopt_stream: Optional[pulumi.Input[str]] = None,
    ) -> None:
        self._index = index.name if index else ""
        if adopt is not None:
            self.arn = pulumi.Output.from_input(adopt)
            self.table_name = self.arn.apply(lambda arn: arn.rsplit("/", 1)[-1])
            self.stream_arn = pulumi.Output.from_input(adopt_stream or "")
            return
        hash_key, range_key = [*keys, None][:2]
        index_keys = index.keys if index else {}
        opts = pulumi.ResourceOptions(parent=parent)
        units = _units(capacity)
        self.table = aws.dynamodb.Table(
            name,
            billing_mode="PROVISIONED" if capacity else "PAY_PER_REQUEST",
            read_capacity=units.get("read_capacity"),
            write_capacity=units.get("write_capacity"),
            hash_key=hash_key,
            range_key=range_key,
            attributes=[{"name": k, "type": t} for k, t in {**keys, **index_keys}.items()],
            global_secondary_indexes=[_index(index, units)] if index else [],
            server_side_encryption={"enabled": True},
            point_in_time_recovery={"enabled": retain},
            deletion_protection_enabled=retain,
            ttl={"attribute_name": "expiresAt", "enabled": True} if expires else None,
            stream_enabled=stream,
            stream_view_type=_images(replicas) if stream else None,
            replicas=table_replicas(replicas, retain),
            global_table_witness=table_witness(replicas),
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    protect=retain or None, ignore_changes=_SCALED if capacity else []
                ),
            ),
        )
        self.arn, self.table_name = self.table.arn, self.table.name
        self.stream_arn = self.table.stream_arn
        if capacity:
            create_scaling(name, capacity, self.table_name, self._index, opts)

    def grant(self, *actions: str) -> StatementArgs:
        """Permission for actions on the table: `GetItem`, `PutItem`, ..."""
        return allow([f"dynamodb:{action}" for action in actions], self.arn)

    def grant_query_index(self) -> StatementArgs:
        """Permission to query the table's index."""
        arn = pulumi.Output.concat(self.arn, "/index/", self._index)
        return allow(["dynamodb:Query"], arn)


def _images(replicas: Optional[ReplicasArgs]) -> str:
    """Replicas need both images; a later change of the view would replace the stream."""
    return "NEW_IMAGE" if replicas is None else "NEW_AND_OLD_IMAGES"


def _units(capacity: Optional[CapacityArgs]) -> dict[str, int]:
    """Initial capacity of a provisioned table and its index."""
    if capacity is None:
        return {}
    return {
        "read_capacity": bounds(capacity, "read")[0],
        "write_capacity": bounds(capacity, "write")[0],
    }


def _index(
    index: Index, units: Mapping[str, int]
) -> aws.dynamodb.TableGlobalSecondaryIndexArgsDict:
    schema: list[aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgsDict] = [
        {"attribute_name": key, "key_type": kind}
        for key, kind in zip(index.keys, ("HASH", "RANGE"), strict=True)
    ]
    inputs: aws.dynamodb.TableGlobalSecondaryIndexArgsDict = {
        "name": index.name,
        "key_schemas": schema,
        "projection_type": index.projection,
    }
    if units:
        inputs["read_capacity"] = units["read_capacity"]
        inputs["write_capacity"] = units["write_capacity"]
    return inputs
