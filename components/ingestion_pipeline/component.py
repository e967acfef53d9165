"""IngestionPipeline: what devices measure, to a table that SQL answers over, and to reports."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, check_access, role_policy
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs, check_functions
from .._blocks.validate import Problems
from .delivery_stream import ERRORS, DeliveryStream
from .iot_rule import DeviceRule
from .lake_table import FORMATS, RESULTS, LakeTable
from .monitoring import create_ingestion_alarms, create_ingestion_dashboard
from .quicksight import QuickSight, QuickSightArgs, check_quicksight
from .redshift import Redshift, RedshiftArgs, check_redshift, integrations_arn
from .reports import ReportRunner
from .schema import TelemetrySchema

_LIBRARIES = ("aws_clients", "environment", "reingestion", "telemetry_schema")


class IngestionPipelineArgs(TypedDict):
    schema: str
    """The schema document: the text of schemas/telemetry.yaml. docs/telemetry.md has its form."""
    topic: NotRequired[str]
    """First level of the MQTT topics: the device of thing `x` publishes to `{topic}/x`.
    Default: the component's name."""
    stream: NotRequired[bool]
    """Whether a Kinesis stream lies between the devices and the delivery stream: kept for a day,
    open to further consumers, billed by the hour. Default: true."""
    stream_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own Kinesis stream. Default: a new one, on demand."""
    lake_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own bucket for records; its notifications are replaced.
    Default: a new one."""
    format: NotRequired[str]
    """How records lie in the bucket: `json` (lines, gzip), `parquet` or `iceberg`.
    Default: `json`."""
    buffer_seconds: NotRequired[int]
    """How long records wait for others before they are written, 60 to 900. Default: 60."""
    late_after_minutes: NotRequired[int]
    """Age at which a record is marked as late, 1 to 43200. Default: 60."""
    max_age_days: NotRequired[int]
    """Age up to which a record is taken, 1 to 365 days; each day is an open partition.
    Default: 7."""
    max_future_minutes: NotRequired[int]
    """How far a device's clock may be ahead, 1 to 1440 minutes. Default: 5."""
    transform_code: NotRequired[str]
    """Folder of the caller's own transform function (`app.py`, `requirements.txt`), which finds
    the libraries `telemetry_schema` and `reingestion` beside it, and `schema.json`.
    Default: this package's `ingestion_pipeline/transform`."""
    transform_access: NotRequired[AccessArgs]
    """What the transform may reach besides its source. Default: nothing."""
    report_schedule: NotRequired[str]
    """When the reports of yesterday and today are made without new records, as EventBridge has it.
    Default: `cron(15 0 * * ? *)`, a quarter past midnight in UTC."""
    report_allowed_origins: NotRequired[Sequence[str]]
    """Pages that may read reports by signed URLs, each `https://host`. Default: none."""
    max_scan_mib: NotRequired[int]
    """Most that one query may read, 10 to 1048576 MiB. Default: 10240."""
    rejected_per_minute: NotRequired[int]
    """How many refused records a minute, five minutes in a row, are an alarm, 0 to 1000000.
    Default: 100."""
    retention_days: NotRequired[int]
    """Days that records are kept, 1 to 36500. Default: for ever."""
    error_retention_days: NotRequired[int]
    """Days that refused records wait to be driven through again, 1 to 3650. Default: 90."""
    report_retention_days: NotRequired[int]
    """Days that reports are kept, 1 to 36500. Default: 400."""
    redshift: NotRequired[RedshiftArgs]
    """A Redshift Serverless warehouse that copies records as they come. Default: none."""
    quicksight: NotRequired[QuickSightArgs]
    """The table as a QuickSight data set, and a dashboard. Default: none."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether buckets and tables refuse to be deleted with their content. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class IngestionPipeline(pulumi.ComponentResource):
    """Devices -> IoT rule -> stream -> Data Firehose and its transform -> S3 -> Athena -> reports.

    Default settings: a device may publish to its own topic only; a refused record stays, as it
    came, in a folder of its own and holds up no one; records lie in partitions by the day of
    measurement; the table follows from the schema, without a crawler; queries cannot read more than
    a limit; everything encrypted, private and TLS only; one role per function and service; alarms
    and a dashboard.
    """

    iot_endpoint: pulumi.Output[str]
    """Where devices connect to, by MQTT over TLS with their certificates."""
    topic: pulumi.Output[str]
    """First level of the topics that devices publish to."""
    thing_policy_name: pulumi.Output[str]
    """IoT policy to attach to the certificate of each device."""
    stream_name: pulumi.Output[str]
    """Kinesis stream of the records; empty without one."""
    stream_arn: pulumi.Output[str]
    """ARN of that stream, for further consumers; empty without one."""
    delivery_stream_name: pulumi.Output[str]
    """Delivery stream of the records."""
    transform_function_name: pulumi.Output[str]
    """Name of the transform function."""
    lake_bucket_name: pulumi.Output[str]
    """Bucket of the records, and of those that were refused, below `errors/`."""
    database_name: pulumi.Output[str]
    """Glue database."""
    table_name: pulumi.Output[str]
    """Table of the records."""
    workgroup_name: pulumi.Output[str]
    """Athena workgroup."""
    reports_bucket_name: pulumi.Output[str]
    """Bucket of the reports, below `reports/`."""
    report_function_name: pulumi.Output[str]
    """Name of the report function."""
    report_queue_url: pulumi.Output[str]
    """URL of the report function's queue."""
    report_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of messages that it failed on."""
    redshift_workgroup_name: pulumi.Output[str]
    """Redshift workgroup; empty without one."""
    redshift_secret_arn: pulumi.Output[str]
    """Secret of Redshift's administrator, which AWS rotates; empty without one."""
    redshift_table_sql: pulumi.Output[str]
    """First of the two statements that Redshift needs once: its table."""
    redshift_copy_sql: pulumi.Output[str]
    """Second of them: the job that copies files as they come."""
    quicksight_data_set_arn: pulumi.Output[str]
    """QuickSight data set; empty without one."""

    def __init__(
        self,
        name: str,
        args: IngestionPipelineArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:IngestionPipeline", name, {}, opts)
        self._name, self._args = name, args
        self._schema = _check(name, args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._retain = args.get("retain_data", True)
        self._functions = args.get("functions", {})
        self._format = args.get("format", "json")
        self._topic = args.get("topic", name)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._create_buckets()
        self._table = self._create_table()
        self._create_stream()
        self._transform = self._create_transform()
        self._delivery = self._create_delivery()
        self._let_transform_put_back()
        self._rule = self._create_rule()
        self._reports = self._create_reports()
        self._redshift = self._create_redshift()
        self._quicksight = self._create_quicksight()
        self._create_monitoring()
        outputs = self._outputs()
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_buckets(self) -> None:
        keep = self._args.get("retention_days")
        folder = f"{self._schema.table}/"
        self._lake = Bucket(
            f"{self._name}-lake",
            parent=self,
            retain=self._retain,
            expire_below={
                ERRORS: int(self._args.get("error_retention_days", 90)),
                **({folder: int(keep)} if keep else {}),
            },
            has_policy="redshift" not in self._args,
            adopt=self._args.get("lake_bucket_arn"),
        )
        self._report_bucket = Bucket(
            f"{self._name}-reports",
            parent=self,
            retain=self._retain,
            expire_below={
                RESULTS: 7,
                "reports/": int(self._args.get("report_retention_days", 400)),
            },
        )
        origins = self._args.get("report_allowed_origins", ())
        if origins:
            aws.s3.BucketCorsConfiguration(
                f"{self._name}-reports-cors",
                bucket=self._report_bucket.bucket_name,
                cors_rules=[
                    {"allowed_methods": ["GET"], "allowed_origins": list(origins)},
                ],
                opts=self._opts,
            )

    def _create_table(self) -> LakeTable:
        return LakeTable(
            self._name,
            parent=self,
            schema=self._schema,
            format=self._format,
            lake=self._lake,
            reports=self._report_bucket,
            max_scan_mib=int(self._args.get("max_scan_mib", 10240)),
            retain=self._retain,
        )

    def _create_stream(self) -> None:
        self._stream: Optional[tuple[pulumi.Output[str], pulumi.Output[str]]] = None
        adopted = self._args.get("stream_arn")
        if adopted is not None:
            arn = pulumi.Output.from_input(adopted)
            self._stream = arn.apply(lambda arn: arn.rsplit("/", 1)[-1]), arn
        elif self._args.get("stream", True):
            stream = aws.kinesis.Stream(
                f"{self._name}-stream",
                stream_mode_details={"stream_mode": "ON_DEMAND"},
                encryption_type="KMS",
                kms_key_id="alias/aws/kinesis",
                retention_period=24,
                opts=self._opts,
            )
            self._stream = stream.name, stream.arn

    def _create_transform(self) -> Function:
        own: AccessArgs = {
            "environment": {
                "LATE_AFTER_MINUTES": str(int(self._args.get("late_after_minutes", 60))),
                "MAX_AGE_DAYS": str(int(self._args.get("max_age_days", 7))),
                "MAX_FUTURE_MINUTES": str(int(self._args.get("max_future_minutes", 5))),
                "DAY_COLUMN": str(int(self._format == "iceberg")),
            }
        }
        return Function(
            f"{self._name}-transform",
            self._args.get("transform_code", "ingestion_pipeline/transform"),
            parent=self,
            settings=self._functions,
            alarms=self._alarms,
            libraries=_LIBRARIES,
            texts=[("schema.json", self._schema.json())],
            access=[own, self._args.get("transform_access", {})],
            # CPU comes with memory, and this function is all CPU.
            memory=1024,
            timeout=60,
        )

    def _create_delivery(self) -> DeliveryStream:
        return DeliveryStream(
            self._name,
            parent=self,
            stream_arn=self._stream[1] if self._stream else None,
            transform=self._transform,
            schema=self._schema,
            table=self._table,
            lake=self._lake,
            format=self._format,
            buffer_seconds=int(self._args.get("buffer_seconds", 60)),
            log_retention_days=int(self._functions.get("log_retention_days", 30)),
        )

    def _let_transform_put_back(self) -> None:
        """A policy of its own: the delivery stream, which it names, needs the function first."""
        put = (
            allow(["kinesis:PutRecords"], self._stream[1])
            if self._stream
            else allow(["firehose:PutRecordBatch"], self._delivery.arn)
        )
        aws.iam.RolePolicy(
            f"{self._name}-transform-put-back",
            role=self._transform.role.name,
            policy=role_policy([put]),
            opts=self._opts,
        )

    def _create_rule(self) -> DeviceRule:
        return DeviceRule(
            self._name,
            parent=self,
            topic=self._topic,
            stream=self._stream,
            delivery=(self._delivery.stream_name, self._delivery.arn),
            lake=self._lake,
        )

    def _create_reports(self) -> ReportRunner:
        return ReportRunner(
            self._name,
            parent=self,
            lake=self._lake,
            folder=f"{self._schema.table}/",
            reports=self._report_bucket,
            table=self._table,
            schedule=self._args.get("report_schedule", "cron(15 0 * * ? *)"),
            settings=self._functions,
            alarms=self._alarms,
            retain=self._retain,
        )

    def _create_redshift(self) -> Optional[Redshift]:
        if "redshift" not in self._args:
            return None
        notifications: list[pulumi.Resource] = [self._reports.notification]
        # The policy of a caller's own bucket is the caller's.
        if "lake_bucket_arn" not in self._args:
            integrations = integrations_arn(self._table.database.arn)
            self._lake.create_listener_policy("redshift.amazonaws.com", integrations)
            notifications.append(self._lake.policy)
        return Redshift(
            f"{self._name}-redshift",
            self._args["redshift"],
            schema=self._schema,
            format=self._format,
            table=self._table,
            lake=self._lake,
            notifications=notifications,
            parent=self,
        )

    def _create_quicksight(self) -> Optional[QuickSight]:
        if "quicksight" not in self._args:
            return None
        return QuickSight(
            f"{self._name}-quicksight",
            self._args["quicksight"],
            schema=self._schema,
            table=self._table,
            parent=self,
        )

    def _create_monitoring(self) -> None:
        stream = self._stream[0] if self._stream else None
        create_ingestion_alarms(
            self._alarms,
            stream_name=stream,
            delivery_name=self._delivery.stream_name,
            workgroup_name=self._table.workgroup.name,
            buffer_seconds=int(self._args.get("buffer_seconds", 60)),
            rejected_per_minute=int(self._args.get("rejected_per_minute", 100)),
            max_scan_mib=int(self._args.get("max_scan_mib", 10240)),
        )
        create_ingestion_dashboard(
            f"{self._name}-dashboard",
            parent=self,
            stream_name=stream,
            delivery_name=self._delivery.stream_name,
            workgroup_name=self._table.workgroup.name,
            transform=self._transform,
            report=self._reports.function,
            alarm_arns=self._alarms.arns,
        )

    def _outputs(self) -> dict[str, pulumi.Output[str]]:
        endpoint = aws.iot.get_endpoint_output(
            endpoint_type="iot:Data-ATS", opts=pulumi.InvokeOutputOptions(parent=self)
        )
        none = pulumi.Output.from_input("")
        redshift, quicksight = self._redshift, self._quicksight
        return {
            "iot_endpoint": endpoint.endpoint_address,
            "topic": pulumi.Output.from_input(self._topic),
            "thing_policy_name": self._rule.policy.name,
            "stream_name": self._stream[0] if self._stream else none,
            "stream_arn": self._stream[1] if self._stream else none,
            "delivery_stream_name": self._delivery.stream_name,
            "transform_function_name": self._transform.function_name,
            "lake_bucket_name": self._lake.bucket_name,
            "database_name": self._table.database.name,
            "table_name": self._table.table.name,
            "workgroup_name": self._table.workgroup.name,
            "reports_bucket_name": self._report_bucket.bucket_name,
            "report_function_name": self._reports.function.function_name,
            "report_queue_url": self._reports.queue.url,
            "report_dead_letter_queue_url": self._reports.queue.dead_letters.url,
            "redshift_workgroup_name": redshift.workgroup.workgroup_name if redshift else none,
            "redshift_secret_arn": redshift.secret_arn if redshift else none,
            "redshift_table_sql": redshift.table_sql if redshift else none,
            "redshift_copy_sql": redshift.copy_sql if redshift else none,
            "quicksight_data_set_arn": quicksight.data_set.arn if quicksight else none,
        }


def _check(name: str, args: IngestionPipelineArgs) -> TelemetrySchema:
    problems = Problems("IngestionPipeline", name)
    problems.unknown(args, IngestionPipelineArgs.__annotations__)
    schema: Optional[TelemetrySchema] = None
    try:
        schema = TelemetrySchema(args["schema"])
    except KeyError:
        problems.that(False, "schema", "is missing; give the text of the document")
    except ValueError as error:
        problems.that(False, "schema", str(error))
    topic = args.get("topic", name)
    fine = topic != "" and not set(topic) & set("/+#$'")
    problems.that(fine, "topic", f"'{topic}' is not one level of a topic, without / + # $ '")
    streams = "stream_arn" in args and not args.get("stream", True)
    problems.that(not streams, "stream", "is false beside stream_arn; leave one of them out")
    problems.one_of(args, "format", FORMATS)
    for key, least, most, unit in (
        ("buffer_seconds", 60, 900, "seconds"),
        ("late_after_minutes", 1, 43200, "minutes"),
        ("max_age_days", 1, 365, "days"),
        ("max_future_minutes", 1, 1440, "minutes"),
        ("max_scan_mib", 10, 1024**2, "MiB"),
        ("rejected_per_minute", 0, 1_000_000, "records"),
        ("retention_days", 1, 36500, "days"),
        ("error_retention_days", 1, 3650, "days"),
        ("report_retention_days", 1, 36500, "days"),
    ):
        problems.between(args, key, least, most, unit)
    for origin in args.get("report_allowed_origins", ()):
        fine = origin.startswith(("https://", "http://localhost")) and origin.count("/") == 2
        problems.that(
            fine,
            "report_allowed_origins",
            f"'{origin}' is not https://host or http://localhost:port",
        )
    check_access(problems, "transform_access", [args.get("transform_access", {})])
    check_redshift(problems, args.get("redshift"), args.get("format", "json"))
    check_quicksight(problems, args.get("quicksight"))
    check_functions(problems, args.get("functions", {}))
    problems.report()
    assert schema is not None
    return schema
