"""Which changes put data at risk."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from local.engine import preview
from tools.graph.changes import changes
from tools.graph.document import Document, document

Program = Callable[[], object]


def graph_of(program: Program) -> Document:
    return document(preview.run(program, {}, "colonnade", "prod", {"region": "us-east-1"}), "prod")


def risks(old: Program, new: Program) -> dict[str, str]:
    """The risk of each changed resource, by its name."""
    found = changes(graph_of(old), graph_of(new))
    return {each.resource.name: each.risk for each in found if each.risk}


def table(**options: Any) -> Program:
    attribute = {"name": "id", "type": "S"}
    return lambda: aws.dynamodb.Table("it", hash_key="id", attributes=[attribute], **options)


def database(**options: Any) -> Program:
    return lambda: aws.rds.Instance("it", instance_class="db.t4g.micro", **options)


def key(**options: Any) -> Program:
    return lambda: aws.kms.Key("it", **options)


def stream(**options: Any) -> Program:
    return lambda: aws.kinesis.Stream("it", **options)


def bucket(*parts: Callable[[aws.s3.Bucket], object]) -> Program:
    def program() -> None:
        made = aws.s3.Bucket("bucket")
        for part in parts:
            part(made)

    return program


def encrypted(*parts: Callable[[aws.kms.Key], object]) -> Program:
    def program() -> None:
        made = aws.kms.Key("key")
        for part in parts:
            part(made)

    return program


def lifecycle(*rules: dict[str, Any]) -> Callable[[aws.s3.Bucket], object]:
    given = [{"id": f"r{number}", "status": "Enabled", **each} for number, each in enumerate(rules)]
    return lambda made: aws.s3.BucketLifecycleConfiguration("it", bucket=made.id, rules=given)


def versioning(status: str) -> Callable[[aws.s3.Bucket], object]:
    return lambda made: aws.s3.BucketVersioning(
        "it", bucket=made.id, versioning_configuration={"status": status}
    )


def days(count: int, **more: Any) -> dict[str, Any]:
    return {"expiration": {"days": count}, **more}


def earlier(count: int) -> dict[str, Any]:
    return {"noncurrent_version_expiration": {"noncurrent_days": count}}


def ttl(name: str, enabled: bool = True) -> dict[str, Any]:
    return {"ttl": {"attribute_name": name, "enabled": enabled}}


def pitr(**options: Any) -> dict[str, Any]:
    return {"point_in_time_recovery": {"enabled": True, **options}}


def of(key: aws.kms.Key) -> dict[str, Any]:
    return {"server_side_encryption": {"enabled": True, "kms_key_arn": key.arn}}


UPLOADS = {"filter": {"prefix": "uploads/"}}
TAGGED = {"filter": {"tag": {"key": "temporary", "value": "yes"}}}
CLEAN = {"abort_incomplete_multipart_upload": {"days_after_initiation": 1}}
NO_BACKUPS = "no longer protected by pointInTimeRecovery.enabled"


@pytest.mark.parametrize(
    ("old", "new", "risk"),
    [
        # Lifecycle rules that start to delete, or delete earlier
        (bucket(), bucket(lifecycle(days(1))), "deletes objects (days) after 1, was never"),
        (
            bucket(lifecycle(CLEAN)),
            bucket(lifecycle(CLEAN, days(30))),
            "deletes objects (days) after 30, was never",
        ),
        (
            bucket(lifecycle(days(365))),
            bucket(lifecycle(days(30))),
            "deletes objects (days) after 30, was 365",
        ),
        (
            bucket(lifecycle(days(30, status="Disabled"))),
            bucket(lifecycle(days(30))),
            "deletes objects (days) after 30, was never",
        ),
        (
            bucket(lifecycle(days(30, **UPLOADS))),
            bucket(lifecycle(days(30))),
            "deletes objects (days) after 30, was never",
        ),
        (
            bucket(lifecycle(days(30, **UPLOADS))),
            bucket(lifecycle(days(30, **UPLOADS), days(30, **TAGGED))),
            'deletes objects (days) of {"filter": {"tag": {"key": "temporary", "value": "yes"}}, '
            '"prefix": ""} after 30, was never',
        ),
        (
            bucket(lifecycle(earlier(90))),
            bucket(lifecycle(earlier(9))),
            "deletes earlier versions (days) after 9, was 90",
        ),
        # Versioning
        (
            bucket(versioning("Enabled")),
            bucket(versioning("Suspended")),
            "no longer protected by versioningConfiguration.status",
        ),
        (bucket(versioning("Enabled")), bucket(), "no longer keeps earlier versions of objects"),
        # Time to live
        (
            table(),
            table(**ttl("end")),
            "deletes items by the time in `end` (days) after 0, was never",
        ),
        (
            table(**ttl("end", False)),
            table(**ttl("end")),
            "deletes items by the time in `end` (days) after 0, was never",
        ),
        (
            table(**ttl("end")),
            table(**ttl("start")),
            "deletes items by the time in `start` (days) after 0, was never",
        ),
        # Keys
        (key(), lambda: None, "loses everything encrypted or signed with it"),
        (key(), key(is_enabled=False), "no longer protected by isEnabled"),
        # Backups
        (table(**pitr()), table(), NO_BACKUPS),
        (table(**pitr(recovery_period_in_days=9)), table(), NO_BACKUPS),
        (
            table(**pitr()),
            table(**pitr(recovery_period_in_days=1)),
            "deletes backups (days) after 1, was 35",
        ),
        (
            database(backup_retention_period=7),
            database(backup_retention_period=0),
            "deletes backups (days) after 0, was 7",
        ),
        (
            database(),
            database(skip_final_snapshot=True),
            "no longer protected by skipFinalSnapshot",
        ),
        (
            lambda: aws.efs.BackupPolicy(
                "it", file_system_id="f", backup_policy={"status": "ENABLED"}
            ),
            lambda: aws.efs.BackupPolicy(
                "it", file_system_id="f", backup_policy={"status": "DISABLED"}
            ),
            "no longer protected by backupPolicy.status",
        ),
        (
            lambda: aws.backup.Selection("it", iam_role_arn="r", plan_id="p", resources=["*"]),
            lambda: None,
            "no longer keeps backups of what it selects",
        ),
        # Retention
        (stream(retention_period=48), stream(), "deletes records (hours) after 24, was 48"),
    ],
)
def test_a_loss_is_found(old: Program, new: Program, risk: str):
    assert risks(old, new) == {"it": risk}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (bucket(), bucket(lifecycle(CLEAN))),
        (bucket(), bucket(lifecycle(days(1, status="Disabled")))),
        (bucket(lifecycle(days(30))), bucket(lifecycle(days(365)))),
        (bucket(lifecycle(days(30))), bucket(lifecycle(days(30, **UPLOADS)))),
        (bucket(lifecycle(days(30))), bucket(lifecycle(days(30), days(60, **UPLOADS)))),
        (bucket(lifecycle(days(30))), bucket()),
        (bucket(versioning("Suspended")), bucket(versioning("Enabled"))),
        (lambda: None, bucket(lifecycle(days(1)), versioning("Suspended"))),
        (lambda: None, table(**ttl("end"))),
        (encrypted(), encrypted(lambda key: table(**ttl("end"), **of(key))())),
        (encrypted(), encrypted(lambda key: aws.sqs.Queue("q", kms_master_key_id=key.id))),
        (stream(), stream(retention_period=48)),
        (table(**ttl("end")), table()),
        (table(), table(**pitr())),
        (table(**pitr(recovery_period_in_days=1)), table(**pitr())),
        (database(), database(backup_retention_period=7)),
        (key(is_enabled=False), key()),
    ],
)
def test_what_loses_nothing_is_no_risk(old: Program, new: Program):
    """A rule of a new bucket, or one that keeps data longer."""
    assert risks(old, new) == {}


def test_a_safeguard_goes_with_its_data():
    """The bucket is listed, and its versioning need not be accepted too."""
    assert risks(bucket(versioning("Enabled")), lambda: None) == {"bucket": "loses its objects"}


def test_a_retained_resource_loses_nothing():
    kept = table(opts=pulumi.ResourceOptions(retain_on_delete=True))
    assert risks(kept, lambda: None) == {}
    assert risks(table(), lambda: None) == {"it": "loses its items"}
