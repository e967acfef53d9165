"""QuickSight: the table of a lake as a data set, and a dashboard over it."""

import re
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.service_role import ServiceRole
from .._blocks.validate import Problems
from .lake_table import LakeTable
from .queries import recent_columns, recent_query
from .quicksight_sheet import definition
from .schema import TelemetrySchema

_PRINCIPAL = re.compile(r"arn:[^:]+:quicksight:[^:]+:\d+:(user|group|namespace)/.+")


def _viewer(of: str, *actions: str) -> list[str]:
    """QuickSight takes whole sets of actions only: these are a viewer's."""
    return [f"quicksight:{action}" for action in (*actions, f"Describe{of}")]


_DASHBOARD_VIEWER = _viewer("Dashboard", "ListDashboardVersions", "QueryDashboard")
_READS_DATA = ("DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions")


class QuickSightArgs(TypedDict):
    principal_arn: pulumi.Input[str]
    """ARN of the QuickSight user, group or namespace that may see all of it."""
    days: NotRequired[int]
    """How many days back it sees, 1 to 365: each look reads them all. Default: 7."""
    template_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own QuickSight template for the dashboard, over a data set that it calls
    as the table is called. Default: readings an hour, the measures' percentiles, the devices."""


class QuickSight:
    """A data source, a data set and a dashboard. Adds no level to the URN.

    Athena is asked under a role of its own, which reads this lake only, and in the component's
    workgroup, whose limits hold.

    Args:
        name: prefix of its resources.
        args: see `QuickSightArgs`.
        schema: the document.
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
        """What queries need, and what QuickSight asks about before."""
        catalog = self._table.database.arn.apply(
            lambda arn: ":".join([*arn.replace(":glue:", ":athena:").split(":")[:5], ""])
        )
        describe = ["athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata"]
        return [
            *self._table.query(),
            allow(
                ["athena:GetWorkGroup", "athena:GetQueryResultsStream"], self._table.workgroup.arn
            ),
            allow(describe, pulumi.Output.concat(catalog, "datacatalog/AwsDataCatalog")),
        ]

    def _create_data_source(self) -> aws.quicksight.DataSource:
        return aws.quicksight.DataSource(
            f"{self._name}-source",
            # Pulumi names none of these, and their IDs are unique in an account: so is the role's.
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
            # QuickSight tries the connection at once.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._role.policy])
            ),
        )

    def _create_data_set(self, source: aws.quicksight.DataSource) -> aws.quicksight.DataSet:
        sql = self._table.database.name.apply(
            lambda database: recent_query(self._schema, database, int(self._args.get("days", 7)))
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
        def state(parts: list[str]) -> dict[str, Any]:
            id_, data_set, principal = parts
            return {
                "AwsAccountId": data_set.split(":")[4],
                "DashboardId": id_,
                "Name": self._name,
                "Definition": definition(self._schema, data_set),
                "Permissions": [{"Principal": principal, "Actions": _DASHBOARD_VIEWER}],
            }

        known = [self._role.role_name, self.data_set.arn, self._args["principal_arn"]]
        # pulumi-aws has no definitions of dashboards; Cloud Control has.
        aws.cloudcontrol.Resource(
            f"{self._name}-dashboard",
            type_name="AWS::QuickSight::Dashboard",
            desired_state=pulumi.Output.json_dumps(pulumi.Output.all(*known).apply(state)),
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


def check_quicksight(problems: Problems, args: Optional[QuickSightArgs]) -> None:
    """Check the `quicksight` argument of a component."""
    if args is None:
        return
    problems.unknown(args, QuickSightArgs.__annotations__)
    principal = args.get("principal_arn", "")
    fine = not isinstance(principal, str) or _PRINCIPAL.fullmatch(principal) is not None
    problems.that(
        fine,
        "principal_arn",
        f"'{principal}' is not the ARN of a QuickSight user, group or namespace",
    )
    problems.between(args, "days", 1, 365, "days")
