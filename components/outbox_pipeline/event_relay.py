"""EventRelay: the functions that send the events of an outbox to a bus."""

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.schedule import create_minute_schedule
from .._blocks.stream_mapping import (
    create_stream_alarms,
    create_stream_mapping,
    grant_table_stream,
)
from .._blocks.table import Table


class EventRelay:
    """A relay and a sweeper, which send outbox rows to an event bus. Adds no level to the URN.

    The relay sends each new row. The sweeper sends rows again that are not marked as sent.

    Args:
        name: name of the component; the functions are `{name}-relay` and `{name}-sweeper`.
        parent: the component they belong to.
        outbox: the table of events, with a stream and a `pending` index.
        bus: name and ARN of the event bus.
        claims: bucket for events that are too large for the bus.
        failures: bucket for records that cannot be sent.
        settings: settings of the functions.
        alarms: creates the alarms.
        max_retry_attempts: how often a batch that the relay fails on is retried.
        resend_after_minutes: age at which the sweeper sends a row again.
        sent_retention_days: retention of sent rows.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        outbox: Table,
        bus: tuple[pulumi.Output[str], pulumi.Output[str]],
        claims: Bucket,
        failures: Bucket,
        settings: FunctionsArgs,
        alarms: Alarms,
        max_retry_attempts: int,
        resend_after_minutes: int,
        sent_retention_days: int,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._outbox = outbox
        self._settings, self._alarms = settings, alarms
        self._publish_access: AccessArgs = {
            "environment": {
                "OUTBOX_TABLE": outbox.table_name,
                "EVENT_BUS": bus[0],
                "CLAIMS_BUCKET": claims.bucket_name,
                "FAILURES_BUCKET": failures.bucket_name,
                "SENT_RETENTION_DAYS": str(sent_retention_days),
            },
            "statements": [
                allow(["events:PutEvents"], bus[1]),
                outbox.grant("PartiQLUpdate"),
                claims.grant_write("claims/"),
                failures.grant_write("parked/"),
            ],
        }
        self.relay = self._function(
            "relay", {"statements": grant_table_stream(outbox.stream_arn, failures)}
        )
        self._mapping = create_stream_mapping(
            f"{name}-relay-mapping",
            self.relay,
            outbox.stream_arn,
            failures,
            parent=parent,
            batch_size=100,
            max_retry_attempts=max_retry_attempts,
            # Rows also change when they are marked as sent, and are removed when they expire.
            pattern='{"eventName":["INSERT"]}',
        )
        self.sweeper = self._create_sweeper(resend_after_minutes)
        create_minute_schedule(self.sweeper, parent=parent)
        self._create_alarms(resend_after_minutes)

    def _create_sweeper(self, resend_after_minutes: int) -> Function:
        reads: AccessArgs = {
            "environment": {"RESEND_AFTER_SECONDS": str(resend_after_minutes * 60)},
            "statements": [self._outbox.grant("BatchGetItem"), self._outbox.grant_query_index()],
        }
        return self._function("sweeper", reads)

    def _create_alarms(self, resend_after_minutes: int) -> None:
        create_stream_alarms(
            self._alarms,
            self.relay,
            self._mapping,
            minutes=1,
            late="The relay is more than a minute behind the stream of the outbox.",
            failed="The relay failed on records, which are in the failures bucket.",
        )
        self._alarms.above(
            "relay-lag",
            (resend_after_minutes + 5) * 60,
            "Colonnade/OldestUnsentSeconds",
            {"OutboxTable": self._outbox.table_name},
            statistic="Maximum",
            minutes=3,
            missing_is_breaching=True,
            meaning="Events are still not sent, although the sweeper retries them.",
        )
        parked = pulumi.Output.concat("Parked-", self._outbox.table_name)
        for function in (self.relay, self.sweeper):
            self._count_parked(function, parked)
        self._alarms.above(
            "parked",
            0,
            pulumi.Output.concat("Colonnade/", parked),
            {},
            meaning="EventBridge rejects some records, which are in the failures bucket.",
        )

    def _count_parked(self, function: Function, metric: pulumi.Output[str]) -> None:
        aws.cloudwatch.LogMetricFilter(
            f"{function.name}-parked",
            log_group_name=function.log_group.name,
            pattern='{ $.message = "record parked" }',
            metric_transformation={"namespace": "Colonnade", "name": metric, "value": "1"},
            opts=self._opts,
        )

    def _function(self, role: str, access: AccessArgs) -> Function:
        return Function(
            f"{self._name}-{role}",
            f"outbox_pipeline/{role}",
            parent=self._parent,
            settings=self._settings,
            alarms=self._alarms,
            access=[self._publish_access, access],
            timeout=50,
        )
