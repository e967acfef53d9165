"""IngestionPipeline: device measurements in a table for SQL queries, and reports."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, role_policy
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, OneOf, Problems, declare
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.queue_mapping import check_queue_concurrency
from .._blocks.web_origin import WEB_ORIGIN
from .delivery_stream import ERRORS, DeliveryStream
from .iot_rule import DeviceRule
from .lake_table import FORMATS, RESULTS, LakeTable
from .monitoring import create_ingestion_alarms, create_ingestion_dashboard
from .quicksight import QuickSight, QuickSightArgs
from .redshift import Redshift, RedshiftArgs, integrations_arn
from .reports import ReportRunner
from .schema import TelemetrySchema


class IngestionPipelineArgs(TypedDict):
    schema: str
    """Text of the schema document, such as schemas/telemetry.yaml. See docs/telemetry.md."""
    topic: NotRequired[str]
    """First level of the MQTT topics. The device of thing `x` publishes to `{topic}/x`. Default:
    the name of the component."""
    stream: NotRequired[bool]
    """Whether to put a Kinesis stream in front of the delivery stream. It is billed by the hour,
    keeps records for a day and can have other consumers. Default: true."""
    stream_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing Kinesis stream. Default: a new stream with on-demand capacity."""
    lake_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing bucket for records. The component replaces its notification configuration.
    Default: a new bucket."""
    format: NotRequired[str]
    """Format of the records in the bucket: `json` (lines, gzip) or `parquet`. Default: `json`."""
    buffer_seconds: NotRequired[int]
    """Buffering interval of the delivery stream, 60 to 900 seconds. Default: 60."""
    late_after_minutes: NotRequired[int]
    """Age at which a record is marked as late, 1 to 43200 minutes. Default: 60."""
    max_age_days: NotRequired[int]
    """Maximum age of a record, 1 to 365 days. Older records are rejected, since each day is a
    partition with its own buffer. Default: 7."""
    max_future_minutes: NotRequired[int]
    """Maximum time that the clock of a device may be ahead, 1 to 1440 minutes. Default: 5."""
    transform_code: NotRequired[str]
    """Folder of your own transform function: `app.py` and `requirements.txt`. It can import the
    libraries `telemetry_schema` and `reingestion`, and read `schema.json`. Default:
    `ingestion_pipeline/transform` of this package."""
    transform_access: NotRequired[AccessArgs]
    """Environment variables and permissions to grant to the transform function. Default: none."""
    report_schedule: NotRequired[str]
    """Schedule on which the reports of yesterday and today are created even without new records, as
    an EventBridge expression in UTC. Default: `cron(15 0 * * ? *)`."""
    report_allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins whose pages may read reports by signed URLs: `["https://example.com"]`. Default:
    none."""
    report_distribution_arn: NotRequired[pulumi.Input[str]]
    """ARN of a CloudFront distribution that serves reports from `reports_bucket_domain_name`, with
    origin access control. Whoever can use the distribution can read them. Default: none."""
    max_scan_mib: NotRequired[int]
    """Maximum size of the data that one query reads, 10 to 1048576 MiB. Default: 10240."""
    rejected_per_minute: NotRequired[int]
    """Number of rejected records per minute that triggers an alarm after five consecutive minutes,
    0 to 1000000. Default: 100."""
    retention_days: NotRequired[int]
    """Retention of records, 1 to 36500 days. With `retain_data`, S3 keeps expired records for
    another 30 days. Default: unlimited."""
    failures_retention_days: NotRequired[int]
    """Retention of rejected records, which can be recovered, 1 to 3650 days. With `retain_data`, S3
    keeps expired records for another 30 days. Default: 90."""
    report_retention_days: NotRequired[int]
    """Retention of reports, 1 to 36500 days. Default: 400."""
    redshift: NotRequired[RedshiftArgs]
    """A Redshift Serverless warehouse that copies new records. Default: none."""
    quicksight: NotRequired[QuickSightArgs]
    """A QuickSight data set of the table, and a dashboard. Default: none."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether the buckets and tables are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    IngestionPipelineArgs,
    defaults={
        "stream": True,
        "format": "json",
        "buffer_seconds": 60,
        "late_after_minutes": 60,
        "max_age_days": 7,
        "max_future_minutes": 5,
        "transform_code": "ingestion_pipeline/transform",
        "transform_access": {},
        "report_schedule": "cron(15 0 * * ? *)",
        "report_allowed_origins": [],
        "max_scan_mib": 10240,
        "rejected_per_minute": 100,
        "failures_retention_days": 90,
        "report_retention_days": 400,
        "functions": {},
        "retain_data": True,
    },
    limits={
        "format": OneOf(FORMATS),
        "buffer_seconds": Between(60, 900, "seconds"),
        "late_after_minutes": Between(1, 43200, "minutes"),
        "max_age_days": Between(1, 365, "days"),
        "max_future_minutes": Between(1, 1440, "minutes"),
        "report_schedule": Matches(r"(cron|rate)\(.+\)", "a schedule such as 'rate(1 day)'"),
        "report_allowed_origins": WEB_ORIGIN,
        "max_scan_mib": Between(10, 1024**2, "MiB"),
        "rejected_per_minute": Between(0, 1_000_000, "records"),
        "retention_days": Between(1, 36500, "days"),
        "failures_retention_days": Between(1, 3650, "days"),
        "report_retention_days": Between(1, 36500, "days"),
    },
)


class IngestionPipeline(pulumi.ComponentResource):
    """Devices -> IoT rule -> stream -> Data Firehose and its transform -> S3 -> Athena -> reports.

    Default settings: a device can publish to its own topic only. A rejected record is kept
    unchanged in a separate folder and does not delay others. Records are partitioned by the day of
    measurement, and the table follows from the schema, without a crawler. The size of the data that
    a query reads is limited. All data is encrypted, private and TLS only. Each function and service
    has its own role. Alarms and a dashboard are included.
    """

    iot_endpoint: pulumi.Output[str]
    """Endpoint that devices connect to, by MQTT over TLS with their certificates."""
    topic: pulumi.Output[str]
    """First level of the MQTT topics that devices publish to."""
    thing_policy_name: pulumi.Output[str]
    """Name of the IoT policy to attach to the certificate of each device. While it is attached, the
    stack cannot be destroyed: see docs/deploying.md."""
    stream_name: pulumi.Output[str]
    """Name of the Kinesis stream of records. Empty without one."""
    stream_arn: pulumi.Output[str]
    """ARN of the Kinesis stream, for other consumers. Empty without one."""
    delivery_stream_name: pulumi.Output[str]
    """Name of the delivery stream."""
    transform_function_name: pulumi.Output[str]
    """Name of the transform function."""
    lake_bucket_name: pulumi.Output[str]
    """Name of the bucket of records, and of rejected records below `errors/`."""
    database_name: pulumi.Output[str]
    """Name of the Glue database."""
    table_name: pulumi.Output[str]
    """Name of the table of records."""
    workgroup_name: pulumi.Output[str]
    """Name of the Athena workgroup."""
    reports_bucket_name: pulumi.Output[str]
    """Name of the bucket of reports, which are below `reports/`."""
    reports_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of the bucket of reports, as the origin of a distribution."""
    report_function_name: pulumi.Output[str]
    """Name of the report function."""
    report_queue_url: pulumi.Output[str]
    """URL of the queue of the report function."""
    report_dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue of the report function."""
    redshift_workgroup_name: pulumi.Output[str]
    """Name of the Redshift workgroup. Empty without Redshift."""
    redshift_secret_arn: pulumi.Output[str]
    """ARN of the administrator's secret, which AWS rotates. Empty without Redshift."""
    redshift_table_sql: pulumi.Output[str]
    """SQL statement that creates the Redshift table. Run it once. Empty without Redshift."""
    redshift_copy_sql: pulumi.Output[str]
    """SQL statement that creates the Redshift COPY job. Run it once, after the table exists."""
    quicksight_data_set_arn: pulumi.Output[str]
    """ARN of the QuickSight data set. Empty without QuickSight."""

    def __init__(
        self,
        name: str,
        args: IngestionPipelineArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("colonnade:index:IngestionPipeline", name, {}, opts)
        problems = Problems("IngestionPipeline", name)
        args = problems.read(IngestionPipelineArgs, args)
        _check(problems, args)
        self._schema = _read_schema(problems, args["schema"])
        problems.report()
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._retain, self._format = args["retain_data"], args["format"]
        self._topic = args.get("topic", name)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._create_buckets()
        self._table = self._create_table()
        self._create_stream()
        self._transform = self._create_transform()
        self._delivery = self._create_delivery()
        self._grant_reingest()
        self._rule = self._create_rule()
        self._reports = self._create_reports()
        self._redshift = self._create_redshift()
        self._quicksight = self._create_quicksight()
        self._create_monitoring()
        outputs = self._outputs()
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_buckets(self) -> None:
        expire_below = {ERRORS: self._args["failures_retention_days"]}
        if "retention_days" in self._args:
            expire_below[f"{self._schema.table}/"] = self._args["retention_days"]
        self._lake = Bucket(
            f"{self._name}-lake",
            parent=self,
            retain=self._retain,
            versioned=self._retain,
            expire_below=expire_below,
            has_policy="redshift" not in self._args,
            adopt=self._args.get("lake_bucket_arn"),
        )
        self._report_bucket = Bucket(
            f"{self._name}-reports",
            parent=self,
            retain=self._retain,
            expire_below={RESULTS: 7, "reports/": self._args["report_retention_days"]},
            has_policy="report_distribution_arn" not in self._args,
        )
        if "report_distribution_arn" in self._args:
            arn = self._args["report_distribution_arn"]
            self._report_bucket.create_policy("reports/", ["s3:GetObject"], arn)
        if self._args["report_allowed_origins"]:
            aws.s3.BucketCorsConfiguration(
                f"{self._name}-reports-cors",
                bucket=self._report_bucket.bucket_name,
                cors_rules=[
                    {
                        "allowed_methods": ["GET"],
                        "allowed_origins": self._args["report_allowed_origins"],
                    },
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
            max_scan_mib=self._args["max_scan_mib"],
            retain=self._retain,
        )

    def _create_stream(self) -> None:
        self._stream: Optional[tuple[pulumi.Output[str], pulumi.Output[str]]] = None
        adopted = self._args.get("stream_arn")
        if adopted is not None:
            arn = pulumi.Output.from_input(adopted)
            self._stream = arn.apply(lambda arn: arn.rsplit("/", 1)[-1]), arn
        elif self._args["stream"]:
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
                "LATE_AFTER_MINUTES": str(self._args["late_after_minutes"]),
                "MAX_AGE_DAYS": str(self._args["max_age_days"]),
                "MAX_FUTURE_MINUTES": str(self._args["max_future_minutes"]),
            }
        }
        return Function(
            f"{self._name}-transform",
            self._args["transform_code"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            texts=[("schema.json", self._schema.json())],
            access=[own, self._args["transform_access"]],
            # CPU is proportional to memory, and this function is CPU-bound.
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
            buffer_seconds=self._args["buffer_seconds"],
            log_retention_days=self._args["functions"]["log_retention_days"],
        )

    def _grant_reingest(self) -> None:
        """Let the transform function put records back into its source.

        This is a separate policy, since it names the delivery stream, which requires the function.
        """
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
            schedule=self._args["report_schedule"],
            settings=self._args["functions"],
            alarms=self._alarms,
            retain=self._retain,
        )

    def _create_redshift(self) -> Optional[Redshift]:
        if "redshift" not in self._args:
            return None
        notifications: list[pulumi.Resource] = [self._reports.notification]
        # The component does not change the policy of an existing bucket.
        if "lake_bucket_arn" not in self._args:
            integrations = integrations_arn(self._table.database.arn)
            self._lake.create_notification_policy("redshift.amazonaws.com", integrations)
            notifications.append(self._lake.policy)
        return Redshift(
            f"{self._name}-redshift",
            self._args["redshift"],
            schema=self._schema,
            format=self._format,
            table=self._table,
            lake=self._lake,
            notifications=notifications,
            log_retention_days=self._args["functions"]["log_retention_days"],
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
            buffer_seconds=self._args["buffer_seconds"],
            rejected_per_minute=self._args["rejected_per_minute"],
            max_scan_mib=self._args["max_scan_mib"],
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
            "reports_bucket_domain_name": self._report_bucket.domain_name,
            "report_function_name": self._reports.function.function_name,
            "report_queue_url": self._reports.queue.url,
            "report_dead_letter_queue_url": self._reports.queue.dead_letters.url,
            "redshift_workgroup_name": redshift.workgroup.workgroup_name if redshift else none,
            "redshift_secret_arn": redshift.secret_arn if redshift else none,
            "redshift_table_sql": redshift.table_sql if redshift else none,
            "redshift_copy_sql": redshift.copy_sql if redshift else none,
            "quicksight_data_set_arn": quicksight.data_set.arn if quicksight else none,
        }


def _check(problems: Problems, args: IngestionPipelineArgs) -> None:
    check_queue_concurrency(problems, args["functions"])
    topic = args.get("topic", problems.name)
    problems.unless(
        topic != "" and not set(topic) & set("/+#$'"),
        "topic",
        f"is '{topic}'; it must be one level of a topic, without / + # $ '",
    )
    problems.unless(
        args["stream"] or "stream_arn" not in args,
        "stream",
        "is false; `stream_arn` requires a stream",
    )


def _read_schema(problems: Problems, text: str) -> TelemetrySchema:
    try:
        return TelemetrySchema(text)
    except ValueError as error:
        problems.add("schema", str(error))
        problems.report()
        raise
