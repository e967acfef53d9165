"""QuickSight: a data set of the table of a lake, and a dashboard."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.arguments import Between, Matches, declare
from .._blocks.service_role import ServiceRole
from .lake_table import LakeTable
from .queries import recent_columns, recent_query
from .quicksight_sheet import definition
from .schema import TelemetrySchema


def _viewer(of: str, *actions: str) -> list[str]:
    """Return the actions of a viewer; QuickSight accepts only complete sets of actions."""
    return [f"quicksight:{action}" for action in (*actions, f"Describe{of}")]


_DASHBOARD_VIEWER = _viewer("Dashboard", "ListDashboardVersions", "QueryDashboard")
_READS_DATA = ("DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions")


class QuickSightArgs(TypedDict):
    principal_arn: pulumi.Input[str]
    """ARN of the QuickSight user or group that can view the data set and dashboard. Not of a
    namespace, with which QuickSight does not share data sets."""
    history_days: NotRequired[int]
    """Days of data that the dashboard shows, 1 to 365. Each view reads all of them. Default: 7."""
    template_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing QuickSight template for the dashboard, whose data set placeholder has the
    name of the table. Default: readings per hour, percentiles of the measures, and devices."""


declare(
    QuickSightArgs,
    defaults={"history_days": 7},
    limits={
        "principal_arn": Matches(
            # https://docs.aws.amazon.com/quicksight/latest/APIReference/API_ResourcePermission.html
            r"arn:[^:]+:quicksight:[^:]+:\d+:(user|group)/.+",
            "the ARN of a QuickSight user or group",
        ),
        "history_days": Between(1, 365, "days"),
    },
)


class QuickSight:
    """A data source, a data set and a dashboard. Adds no level to the URN.

    Queries run in the workgroup of the component, with its limits, and with a role that can read
    this lake only.

    Args:
        name: prefix of the names of its resources.
        args: see `QuickSightArgs`.
        schema: schema of the records.
        table: the table of the lake.
        parent: the component it belongs to.
    """

    def __init__(
        self,
        name: str,
        args: QuickSightArgs,
        *,
        schema: TelemetrySchema,
        table: LakeTable,
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._args = name, args
        self._schema, self._table = schema, table
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._role = ServiceRole(name, "quicksight.amazonaws.com", self._reads(), parent=parent)
        self.data_set = self._create_data_set(self._create_data_source())
        if "template_arn" in args:
            self._create_dashboard_of_template(args["template_arn"])
        else:
            self._create_dashboard()

    def _reads(self) -> list[StatementArgs]:
        """Permissions for queries, and for what QuickSight reads before them."""
        catalog = self._table.database.arn.apply(
            lambda arn: ":".join([*arn.replace(":glue:", ":athena:").split(":")[:5], ""])
        )
        describe = ["athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata"]
        return [
            *self._table.grant_query(),
            allow(
                ["athena:GetWorkGroup", "athena:GetQueryResultsStream"], self._table.workgroup.arn
            ),
            allow(describe, pulumi.Output.concat(catalog, "datacatalog/AwsDataCatalog")),
        ]

    def _create_data_source(self) -> aws.quicksight.DataSource:
        return aws.quicksight.DataSource(
            f"{self._name}-source",
            # Pulumi does not auto-name these IDs; the name of the role is unique in the account.
            data_source_id=self._role.role_name,
            name=self._name,
            type="ATHENA",
            parameters={
                "athena": {
                    "work_group": self._table.workgroup.name,
                    "role_arn": self._role.arn,
                }
            },
            permissions=[
                {
                    "actions": _viewer(
                        "DataSource", "DescribeDataSourcePermissions", "PassDataSource"
                    ),
                    "principal": self._args["principal_arn"],
                }
            ],
            # QuickSight tests the connection when it creates the data source.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._role.policy])
            ),
        )

    def _create_data_set(self, source: aws.quicksight.DataSource) -> aws.quicksight.DataSet:
        sql = self._table.database.name.apply(
            lambda database: recent_query(self._schema, database, self._args["history_days"])
        )
        columns = recent_columns(self._schema)
        return aws.quicksight.DataSet(
            f"{self._name}-data",
            data_set_id=self._role.role_name,
            name=f"{self._name}-{self._schema.table}",
            import_mode="DIRECT_QUERY",
            physical_table_maps=[
                {
                    "physical_table_map_id": "readings",
                    "custom_sql": {
                        "data_source_arn": source.arn,
                        "name": self._schema.table,
                        "sql_query": sql,
                        "columns": [
                            {"name": name, "type": type_} for name, type_ in columns.items()
                        ],
                    },
                }
            ],
            permissions=[
                {
                    "actions": _viewer("DataSet", *_READS_DATA),
                    "principal": self._args["principal_arn"],
                }
            ],
            opts=self._opts,
        )

    def _create_dashboard(self) -> None:
        def state(values: list[str]) -> dict[str, Any]:
            id_, data_set, principal = values
            return {
                "AwsAccountId": data_set.split(":")[4],
                "DashboardId": id_,
                "Name": self._name,
                "Definition": definition(self._schema, data_set),
                "Permissions": [{"Principal": principal, "Actions": _DASHBOARD_VIEWER}],
            }

        parts = [self._role.role_name, self.data_set.arn, self._args["principal_arn"]]
        # pulumi-aws does not support definitions of dashboards; Cloud Control does.
        aws.cloudcontrol.Resource(
            f"{self._name}-dashboard",
            type_name="AWS::QuickSight::Dashboard",
            desired_state=pulumi.Output.json_dumps(pulumi.Output.all(*parts).apply(state)),
            opts=self._opts,
        )

    def _create_dashboard_of_template(self, template_arn: pulumi.Input[str]) -> None:
        aws.quicksight.Dashboard(
            f"{self._name}-dashboard",
            dashboard_id=self._role.role_name,
            name=self._name,
            version_description="From the template.",
            source_entity={
                "source_template": {
                    "arn": template_arn,
                    "data_set_references": [
                        {
                            "data_set_arn": self.data_set.arn,
                            "data_set_placeholder": self._schema.table,
                        }
                    ],
                }
            },
            permissions=[{"actions": _DASHBOARD_VIEWER, "principal": self._args["principal_arn"]}],
            opts=self._opts,
        )
