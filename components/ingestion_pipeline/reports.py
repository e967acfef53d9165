"""ReportRunner: creates reports when records arrive and on a schedule."""

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.queue import Queue
from .._blocks.queue_mapping import create_queue_mapping
from .._blocks.table import Table
from .lake_table import LakeTable

_TIMEOUT = 120
_WINDOW_SECONDS = 60


class ReportRunner:
    """S3 -> queue -> function -> Athena -> reports. Adds no level to the URN.

    The schedule sends its messages to the same queue.

    Args:
        name: name of the component.
        parent: the component.
        lake: bucket of the records.
        folder: prefix of the records in the bucket.
        reports: bucket of the reports.
        table: table that the reports query.
        schedule: schedule of the reports of yesterday and today, as an EventBridge expression.
        settings: settings of the function.
        alarms: creates the alarms.
        retain: whether the table of completed reports is protected from deletion.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        lake: Bucket,
        folder: str,
        reports: Bucket,
        table: LakeTable,
        schedule: str,
        settings: FunctionsArgs,
        alarms: Alarms,
        retain: bool,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._reports, self._table = reports, table
        self.queue = Queue(f"{name}-arrivals", parent=parent, visibility_timeout=6 * _TIMEOUT)
        rule = aws.cloudwatch.EventRule(
            f"{name}-schedule", schedule_expression=schedule, opts=self._opts
        )
        policy = self.queue.create_policy(rule.arn, lake.arn)
        self._create_notification(lake, folder, policy)
        self._create_target(rule, policy)
        self._marks = Table(
            f"{name}-marks", parent=parent, keys={"id": "S"}, retain=retain, expires=True
        )
        self.function = self._create_function(settings, alarms)
        self._create_mapping()
        alarms.above(
            "dead-letters",
            0,
            "AWS/SQS/ApproximateNumberOfMessagesVisible",
            {"QueueName": self.queue.dead_letters.queue_name},
            statistic="Maximum",
            entry="reports-dead-letters",
            meaning="Reports of some days failed repeatedly.",
        )

    def _create_notification(self, lake: Bucket, folder: str, policy: pulumi.Resource) -> None:
        self.notification = aws.s3.BucketNotification(
            f"{self._name}-notification",
            bucket=lake.bucket_name,
            queues=[
                {
                    "id": "arrivals",
                    "queue_arn": self.queue.arn,
                    "events": ["s3:ObjectCreated:*"],
                    "filter_prefix": folder,
                }
            ],
            # S3 sends a test message, and rejects a queue that it cannot send to.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[policy])
            ),
        )

    def _create_target(self, rule: aws.cloudwatch.EventRule, policy: pulumi.Resource) -> None:
        aws.cloudwatch.EventTarget(
            f"{self._name}-schedule-target",
            rule=rule.name,
            arn=self.queue.arn,
            retry_policy={"maximum_retry_attempts": 10, "maximum_event_age_in_seconds": 3600},
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[policy])
            ),
        )

    def _create_function(self, settings: FunctionsArgs, alarms: Alarms) -> Function:
        reports = pulumi.Output.concat(self._reports.arn, "/reports/*")
        own: AccessArgs = {
            "environment": {
                "WORKGROUP": self._table.workgroup.name,
                "REPORTS_BUCKET": self._reports.bucket_name,
                "MARKS_TABLE": self._marks.table_name,
                "QUERIES": pulumi.Output.json_dumps(self._table.queries),
            },
            "statements": [
                self.queue.grant_receive(),
                self._marks.grant("BatchGetItem", "BatchWriteItem"),
                *self._table.grant_query(),
                allow(["s3:GetObject", "s3:PutObject"], reports),
            ],
        }
        return Function(
            f"{self._name}-report",
            "ingestion_pipeline/report",
            parent=self._parent,
            settings=settings,
            alarms=alarms,
            access=[own],
            timeout=_TIMEOUT,
        )

    def _create_mapping(self) -> None:
        create_queue_mapping(
            f"{self._name}-mapping",
            self.function,
            self.queue,
            parent=self._parent,
            # Many objects of one day need only one run of its queries.
            batch_size=1000,
            max_concurrency=2,
            window_seconds=_WINDOW_SECONDS,
        )
