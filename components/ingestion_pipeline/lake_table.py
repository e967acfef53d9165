"""LakeTable: the table of the records, generated from the schema, and its workgroup."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.bucket import Bucket
from .queries import report_queries
from .schema import ADDED, PARTITION, TelemetrySchema

FORMATS = ("json", "parquet")
RESULTS = "results/"
"""Prefix of query results in the bucket of reports."""

_SERDES = {
    "json": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
}


class LakeTable:
    """A Glue database with one table, an Athena workgroup and named queries.

    Partition projection makes a crawler and the registration of partitions unnecessary. Adds no
    level to the URN.

    Args:
        name: name of the component.
        parent: the component.
        schema: schema of the records.
        format: one of `FORMATS`.
        lake: bucket of the records, below `{table}/`.
        reports: bucket of query results, below `results/`.
        max_scan_mib: maximum size of the data that one query reads.
        retain: whether the workgroup is protected from deletion while it has a query history.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        schema: TelemetrySchema,
        format: str,
        lake: Bucket,
        reports: Bucket,
        max_scan_mib: int,
        retain: bool,
    ) -> None:
        self._name, self._schema, self._format = name, schema, format
        self._lake, self._reports = lake, reports
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.database = self._create_database()
        self.table = self._create_table()
        self.workgroup = self._create_workgroup(max_scan_mib, retain)
        self.queries = self._create_queries()
        """ID of the named query of each report, by report."""

    @property
    def location(self) -> pulumi.Output[str]:
        """S3 URI of the records."""
        return pulumi.Output.concat("s3://", self._lake.bucket_name, "/", self._schema.table, "/")

    def grant_describe(self) -> StatementArgs:
        """Grant reading the table in the Glue Data Catalog."""
        catalog = self.database.arn.apply(lambda arn: f"{arn.rsplit(':', 1)[0]}:catalog")
        actions = [
            *("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"),
            *("glue:GetTableVersion", "glue:GetTableVersions"),
        ]
        return allow(actions, catalog, self.database.arn, self.table.arn)

    def grant_query(self) -> Sequence[StatementArgs]:
        """Grant running queries; Athena reads and writes with the permissions of the caller.

        https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
        """
        run = [
            *("athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"),
            *("athena:StopQueryExecution", "athena:GetNamedQuery"),
        ]
        upload = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        results = pulumi.Output.concat(self._reports.arn, "/", RESULTS, "*")
        return [
            allow(run, self.workgroup.arn),
            self.grant_describe(),
            self._lake.grant_read(f"{self._schema.table}/"),
            allow(["s3:ListBucket", "s3:GetBucketLocation"], self._lake.arn, self._reports.arn),
            allow([*upload, "s3:ListMultipartUploadParts"], results),
        ]

    def _create_database(self) -> aws.glue.CatalogDatabase:
        # SQL does not allow hyphens in names. The name of the bucket is unique.
        unique = self._lake.bucket_name.apply(lambda name: name.replace("-", "_").replace(".", "_"))
        return aws.glue.CatalogDatabase(f"{self._name}-database", name=unique, opts=self._opts)

    def _create_table(self) -> aws.glue.CatalogTable:
        return aws.glue.CatalogTable(
            f"{self._name}-table",
            name=self._schema.table,
            database_name=self.database.name,
            description=self._schema.description,
            table_type="EXTERNAL_TABLE",
            storage_descriptor={
                "location": self.location,
                "columns": self._columns(),
                **_serde(self._format),
            },
            partition_keys=[{"name": PARTITION, "type": "string"}],
            parameters=self._projection(),
            opts=self._opts,
        )

    def _columns(self) -> list[aws.glue.CatalogTableStorageDescriptorColumnArgsDict]:
        columns: list[aws.glue.CatalogTableStorageDescriptorColumnArgsDict] = [
            {"name": name, "type": spec["type"], "comment": _comment(spec)}
            for name, spec in self._schema.columns.items()
        ]
        return columns + [{"name": name, "type": type_} for name, type_ in ADDED.items()]

    def _projection(self) -> dict[str, pulumi.Input[str]]:
        return {
            "classification": self._format,
            "projection.enabled": "true",
            f"projection.{PARTITION}.type": "date",
            f"projection.{PARTITION}.format": "yyyy-MM-dd",
            f"projection.{PARTITION}.range": "2020-01-01,NOW+1DAYS",
            "storage.location.template": pulumi.Output.concat(
                self.location, PARTITION, "=${", PARTITION, "}/"
            ),
        }

    def _create_workgroup(self, max_scan_mib: int, retain: bool) -> aws.athena.Workgroup:
        return aws.athena.Workgroup(
            f"{self._name}-workgroup",
            force_destroy=not retain,
            configuration={
                "enforce_workgroup_configuration": True,
                "publish_cloudwatch_metrics_enabled": True,
                "bytes_scanned_cutoff_per_query": max_scan_mib * 1024**2,
                "result_configuration": {
                    "output_location": pulumi.Output.concat(
                        "s3://", self._reports.bucket_name, "/", RESULTS
                    ),
                    "encryption_configuration": {"encryption_option": "SSE_S3"},
                },
            },
            opts=self._opts,
        )

    def _create_queries(self) -> dict[str, pulumi.Output[str]]:
        return {
            report: aws.athena.NamedQuery(
                f"{self._name}-{report}-query",
                name=report,
                description=f"Report '{report}' of one day.",
                database=self.database.name,
                workgroup=self.workgroup.name,
                query=sql,
                opts=self._opts,
            ).id
            for report, sql in report_queries(self._schema).items()
        }


def _serde(format: str) -> aws.glue.CatalogTableStorageDescriptorArgsDict:
    input_format, output_format, library = _SERDES[format]
    return {
        "input_format": input_format,
        "output_format": output_format,
        "ser_de_info": {"serialization_library": library},
    }


def _comment(spec: Mapping[str, Any]) -> str:
    unit = f" ({spec['unit']})" if "unit" in spec else ""
    return f"{spec['description'].rstrip('.')}{unit}."[:255]
