"""Replicas: the other regions of a DynamoDB global table, and their consistency.

Sources: "Global tables: multi-active, multi-Region replication" and "DynamoDB global tables multi-
Region strong consistency (MRSC)" in the DynamoDB developer guide.
"""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi_aws as aws

from .arguments import Problems, declare

_STRONG_REGIONS = (
    {"us-east-1", "us-east-2", "us-west-2"},
    {"eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3"},
    {"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"},
)


class ReplicasArgs(TypedDict):
    """Replicas of a table in other regions (a global table)."""

    regions: NotRequired[Sequence[str]]
    """Regions of the replicas: `["eu-west-1", "ap-southeast-2"]`. Default: none."""
    strong_consistency: NotRequired[bool]
    """Whether to use multi-Region strong consistency (MRSC). Requires two replicas, or one and a
    witness, in the same set of regions as the table, and a table without items; it cannot be
    changed later. Default: false: eventual consistency (MREC), in which the last writer wins."""
    witness_region: NotRequired[str]
    """Region of a witness in place of the second replica. Requires `strong_consistency`.
    Default: none."""


def _check(problems: Problems, path: str, args: ReplicasArgs) -> None:
    regions, witness_region = args["regions"], args.get("witness_region")
    others = [*regions, *([witness_region] if witness_region else [])]
    problems.unless(len(set(others)) == len(others), f"{path}.regions", "names a region twice")
    if not args["strong_consistency"]:
        problems.unless(
            not witness_region, f"{path}.witness_region", "requires `strong_consistency`"
        )
        return
    problems.unless(
        len(others) == 2 and bool(regions),
        f"{path}.regions",
        "must be two replicas, or one and a `witness_region`, since `strong_consistency` takes "
        "three regions in all",
    )
    fits = any(set(others) <= regions_of_one for regions_of_one in _STRONG_REGIONS)
    sets = "; ".join(", ".join(sorted(each)) for each in _STRONG_REGIONS)
    problems.unless(
        fits, f"{path}.regions", f"must be of one set with `strong_consistency`: {sets}"
    )


declare(ReplicasArgs, defaults={"regions": [], "strong_consistency": False}, check=_check)


def table_replicas(
    args: Optional[ReplicasArgs], retain: bool
) -> list[aws.dynamodb.TableReplicaArgsDict]:
    """Return the table's `replicas`, with the recovery, protection and tags of the table."""
    if args is None:
        return []
    return [
        {
            "region_name": region,
            "point_in_time_recovery": retain,
            "deletion_protection_enabled": retain,
            "propagate_tags": True,
            "consistency_mode": "STRONG" if args["strong_consistency"] else "EVENTUAL",
        }
        for region in args["regions"]
    ]


def table_witness(
    args: Optional[ReplicasArgs],
) -> Optional[aws.dynamodb.TableGlobalTableWitnessArgsDict]:
    """Return the table's `global_table_witness`."""
    region = args.get("witness_region") if args is not None else None
    return {"region_name": region} if region else None
