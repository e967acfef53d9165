"""What AWS deletes by itself, and after how long."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Inputs = Mapping[str, Any]
Expiry = dict[tuple[str, str], float]
"""Time by what is deleted, and of which part of the data; an empty part is all of it."""

_LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_BUCKET = "aws:s3/bucket:Bucket"
_TABLE = "aws:dynamodb/table:Table"
# Input, what it keeps, unit, and AWS's default.
_RETENTIONS: Mapping[str, tuple[str, str, float]] = {
    "aws:docdb/cluster:Cluster": ("backupRetentionPeriod", "backups (days)", 1),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "snapshotRetentionLimit",
        "snapshots (days)",
        0,
    ),
    "aws:kinesis/stream:Stream": ("retentionPeriod", "records (hours)", 24),
    "aws:neptune/cluster:Cluster": ("backupRetentionPeriod", "backups (days)", 1),
    "aws:rds/cluster:Cluster": ("backupRetentionPeriod", "backups (days)", 1),
    "aws:rds/instance:Instance": ("backupRetentionPeriod", "backups (days)", 0),
    "aws:redshift/cluster:Cluster": ("automatedSnapshotRetentionPeriod", "snapshots (days)", 1),
    "aws:sqs/queue:Queue": ("messageRetentionSeconds", "messages (seconds)", 345_600),
}
_RECOVERY_DAYS = 35
_BACKUPS = ("backups (days)", "snapshots (days)")


def started_by_creation(type_: str, new: Inputs) -> list[str]:
    """Return what a new resource deletes of the data in another one."""
    return started(type_, {}, new) if type_ == _LIFECYCLE else []


def started(type_: str, old: Inputs, new: Inputs) -> list[str]:
    """Return what AWS would delete that it has kept until now.

    Args:
        type_: type of a resource.
        old: its inputs before the change.
        new: its inputs after the change.
    """
    before = expiry(type_, old)
    found = []
    for (what, part), time in expiry(type_, new).items():
        if what in _BACKUPS and (what, part) not in before:
            continue  # there were none
        known = [before[key] for key in ((what, part), (what, "")) if key in before]
        if all(time < each for each in known):
            of = f" of {part}" if part else ""
            was = f"{min(known):g}" if known else "never"
            found.append(f"deletes {what}{of} after {time:g}, was {was}")
    return found


def expiry(type_: str, inputs: Inputs) -> Expiry:
    """Return what AWS deletes of a resource, and after how long; earlier is a loss."""
    if type_ == _LIFECYCLE:
        return dict(_objects(inputs.get("rules")))
    if type_ == _BUCKET:
        return dict(_objects(inputs.get("lifecycleRules")))
    if type_ == _TABLE:
        return dict(_items(inputs))
    if type_ in _RETENTIONS:
        key, what, default = _RETENTIONS[type_]
        return {(what, ""): _number(inputs.get(key), default)}
    return {}


def _objects(rules: Any) -> Iterator[tuple[tuple[str, str], float]]:
    for rule in rules if isinstance(rules, list) else []:
        if rule.get("status", "Enabled") != "Enabled" or rule.get("enabled") is False:
            continue
        part = _part(rule)
        current = rule.get("expiration") or {}
        if "days" in current:
            yield ("objects (days)", part), _number(current["days"], 0)
        if "date" in current:
            yield (f"objects at {current['date']}", part), 0
        earlier = rule.get("noncurrentVersionExpiration") or {}
        days = earlier.get("noncurrentDays", earlier.get("days"))
        if days is not None:
            yield ("earlier versions (days)", part), _number(days, 0)


def _part(rule: Inputs) -> str:
    """Return which objects a rule is for; empty for all."""
    chosen = {key: rule[key] for key in ("filter", "prefix", "tags") if rule.get(key)}
    prefix = chosen.pop("prefix", "") or (chosen.get("filter") or {}).get("prefix", "")
    if chosen.keys() <= {"filter"} and set(chosen.get("filter", ())) <= {"prefix"}:
        return str(prefix)
    return json.dumps({**chosen, "prefix": prefix}, sort_keys=True)


def _items(inputs: Inputs) -> Iterator[tuple[tuple[str, str], float]]:
    ttl = inputs.get("ttl") or {}
    if ttl.get("enabled"):
        yield (f"items by the time in `{ttl.get('attributeName')}` (days)", ""), 0
    recovery = inputs.get("pointInTimeRecovery") or {}
    if recovery.get("enabled"):
        yield (
            ("backups (days)", ""),
            _number(recovery.get("recoveryPeriodInDays"), _RECOVERY_DAYS),
        )


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
