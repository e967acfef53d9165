"""EventRelay: the functions that take events from an outbox to a bus: relay and sweeper."""

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.table import Table


class EventRelay:
    """Two functions that send outbox rows to an event bus. Adds no level to the URN.

    Args:
        name: name of the component; the functions are `{name}-relay` and `{name}-sweeper`.
        parent: the component they belong to.
        outbox: the table of events, with a stream and a `pending` index.
        bus: name and ARN of the event bus.
        claims: bucket for events that are too large for the bus.
        failures: bucket for records that cannot be sent.
        settings: how the functions run.
        alarms: where their alarms are made.
        maximum_retry_attempts: how often a batch that crashes the relay is tried again.
        resend_after_minutes: age of an unmarked row that the sweeper sends again.
        sent_retention_days: how long a sent row stays.
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
        maximum_retry_attempts: int,
        resend_after_minutes: int,
        sent_retention_days: int,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._outbox, self._failures = outbox, failures
        self._settings, self._alarms = settings, alarms
        self._publishing: AccessArgs = {
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
        self.relay = self._create_relay()
        self._create_mapping(maximum_retry_attempts)
        self.sweeper = self._create_sweeper(resend_after_minutes)
        self._create_schedule()
        self._create_alarms(resend_after_minutes)

    def _create_relay(self) -> Function:
        reads = allow(
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            self._outbox.stream_arn,
        )
        # Listing streams has no resource-level permission.
        lists = allow(["dynamodb:ListStreams"], "*")
        # Lambda writes to the failure store by the function's own role, below this prefix.
        discards = [self._failures.grant_write("aws/lambda/"), self._failures.grant_list()]
        stream: AccessArgs = {"statements": [reads, lists, *discards]}
        return self._function("relay", stream)

    def _create_mapping(self, maximum_retry_attempts: int) -> None:
        self._mapping = aws.lambda_.EventSourceMapping(
            f"{self._name}-relay-mapping",
            event_source_arn=self._outbox.stream_arn,
            function_name=self.relay.arn,
            starting_position="TRIM_HORIZON",
            # Rows also change when they are marked, and leave when they expire.
            filter_criteria={"filters": [{"pattern": '{"eventName":["INSERT"]}'}]},
            batch_size=100,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=maximum_retry_attempts,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": self._failures.arn}},
            metrics_config={"metrics": ["EventCount"]},
            opts=self._opts,
        )

    def _create_sweeper(self, resend_after_minutes: int) -> Function:
        reads: AccessArgs = {
            "environment": {"RESEND_AFTER_SECONDS": str(resend_after_minutes * 60)},
            "statements": [self._outbox.grant("BatchGetItem"), self._outbox.grant_query_index()],
        }
        return self._function("sweeper", reads)

    def _create_schedule(self) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-sweeper-schedule",
            schedule_expression="rate(1 minute)",
            opts=self._opts,
        )
        permission = self.sweeper.grant_invoke("schedule", "events.amazonaws.com", rule.arn)
        aws.cloudwatch.EventTarget(
            f"{self._name}-sweeper-target",
            rule=rule.name,
            arn=self.sweeper.arn,
            # The next run comes in a minute: a late one would only add to it.
            retry_policy={"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[permission])
            ),
        )

    def _create_alarms(self, resend_after_minutes: int) -> None:
        self._alarms.above(
            "iterator-age",
            60_000,
            "AWS/Lambda/IteratorAge",
            {"FunctionName": self.relay.function_name},
            statistic="Maximum",
            minutes=3,
            meaning="The relay is more than a minute behind the outbox's stream.",
        )
        self._alarms.above(
            "relay-lag",
            (resend_after_minutes + 5) * 60,
            "Colonnade/OldestUnsentSeconds",
            {"OutboxTable": self._outbox.table_name},
            statistic="Maximum",
            minutes=3,
            silence_is_bad=True,
            meaning="Events stay unsent although the sweeper sends them again.",
        )
        self._alarms.above(
            "failure-store",
            0,
            "AWS/Lambda/OnFailureDestinationDeliveredEventCount",
            {"EventSourceMappingUUID": self._mapping.uuid},
            meaning="Records that crash the relay went to the failure store.",
        )
        parked = pulumi.Output.concat("Parked-", self._outbox.table_name)
        for function in (self.relay, self.sweeper):
            self._count_parked(function, parked)
        self._alarms.above(
            "parked",
            0,
            pulumi.Output.concat("Colonnade/", parked),
            {},
            meaning="Records that no bus can take went to the failure store.",
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
            libraries=["aws_clients", "environment"],
            access=[self._publishing, access],
            timeout=50,
        )
