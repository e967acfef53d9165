"""Redshift: a serverless warehouse that copies new files of the lake."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, integration_policy
from .._blocks.arguments import Between, Problems, declare
from .._blocks.bucket import Bucket
from .._blocks.private_network import PrivateNetwork, allow_https
from .._blocks.service_role import ServiceRole
from .lake_table import LakeTable
from .redshift_sql import copy_job, create_table
from .schema import TelemetrySchema

_DATABASE = "lake"


class RedshiftArgs(TypedDict):
    base_capacity: NotRequired[int]
    """Base capacity in Redshift processing units (RPUs): 4, which not every region has, or a
    multiple of 8 up to 512. Default: 8."""
    max_capacity: NotRequired[int]
    """Maximum capacity, `base_capacity` to 512 RPUs. Default: `base_capacity`."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """ID of an existing VPC with a route to S3 from `subnet_ids`. Default: a new VPC."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """IDs of private subnets of `vpc_id` in three Availability Zones. Default: new subnets."""


def _check(problems: Problems, path: str, args: RedshiftArgs) -> None:
    base, subnets = args["base_capacity"], args.get("subnet_ids")
    problems.unless(
        base == 4 or base % 8 == 0,
        f"{path}.base_capacity",
        f"is {base}; it must be 4 or a multiple of 8",
    )
    maximum = args.get("max_capacity", base)
    problems.unless(
        maximum >= base,
        f"{path}.max_capacity",
        f"is {maximum}; it must not be below the `base_capacity` {base}",
    )
    problems.together(args, path, "vpc_id", "subnet_ids")
    problems.unless(
        subnets is None or len(subnets) >= 3,
        f"{path}.subnet_ids",
        "must be subnets in three Availability Zones",
    )


_RPUS = Between(4, 512, "RPUs")
declare(
    RedshiftArgs,
    defaults={"base_capacity": 8},
    limits={"base_capacity": _RPUS, "max_capacity": _RPUS},
    check=_check,
)


class Redshift:
    """A namespace, a workgroup and an event integration of the lake. Adds no level to the URN.

    AWS creates and rotates the password of the administrator in Secrets Manager. The workgroup is
    not reachable from outside of its network, and reaches only S3. Its role can read the records
    only. AWS encrypts every namespace, and every new workgroup requires TLS.

    Args:
        name: prefix of the names of its resources.
        args: see `RedshiftArgs`.
        schema: schema of the records.
        format: `json` or `parquet`.
        table: the table of the lake.
        lake: bucket of the records.
        notifications: policy and notification configuration of the bucket. The integration is
            created after them, since Redshift adds its own notification.
        log_retention_days: retention of the flow logs of a new VPC.
        parent: the component it belongs to.
    """

    def __init__(
        self,
        name: str,
        args: RedshiftArgs,
        *,
        schema: TelemetrySchema,
        format: str,
        table: LakeTable,
        lake: Bucket,
        notifications: Sequence[pulumi.Resource],
        log_retention_days: int,
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._args, self._parent = name, args, parent
        self._folder, self._lake = f"{schema.table}/", lake
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._account_arn = table.database.arn
        self._region = self._account_arn.apply(lambda arn: arn.split(":")[3])
        self._role = ServiceRole(name, "redshift.amazonaws.com", self._reads(), parent=parent)
        # Pulumi does not auto-name namespaces, workgroups and integrations.
        self._unique = self._role.role_name.apply(lambda role: f"lake-{role.rsplit('-', 1)[-1]}")
        self._namespace = self._create_namespace()
        self.workgroup = self._create_workgroup(log_retention_days)
        self._create_integration(notifications)
        self.secret_arn = self._namespace.admin_password_secret_arn
        self.table_sql = pulumi.Output.from_input(create_table(schema))
        self.copy_sql = pulumi.Output.all(table.location, self._role.arn).apply(
            lambda parts: copy_job(schema, format, *parts)
        )

    def _reads(self) -> list[StatementArgs]:
        below = {"StringLike": {"s3:prefix": [f"{self._folder}*"]}}
        return [
            self._lake.grant_read(self._folder),
            {**self._lake.grant_list(), "condition": below},
        ]

    def _create_namespace(self) -> aws.redshiftserverless.Namespace:
        return aws.redshiftserverless.Namespace(
            f"{self._name}-namespace",
            namespace_name=self._unique,
            db_name=_DATABASE,
            admin_username="administrator",
            manage_admin_password=True,
            iam_roles=[self._role.arn],
            opts=self._opts,
        )

    def _create_workgroup(self, log_retention_days: int) -> aws.redshiftserverless.Workgroup:
        vpc_id, subnet_ids = self._network(log_retention_days)
        base = self._args["base_capacity"]
        return aws.redshiftserverless.Workgroup(
            f"{self._name}-workgroup",
            namespace_name=self._namespace.namespace_name,
            workgroup_name=self._unique,
            base_capacity=base,
            max_capacity=self._args.get("max_capacity", base),
            enhanced_vpc_routing=True,
            publicly_accessible=False,
            subnet_ids=list(subnet_ids),
            security_group_ids=[self._create_security_group(vpc_id).id],
            opts=self._opts,
        )

    def _network(
        self, log_retention_days: int
    ) -> tuple[pulumi.Input[str], Sequence[pulumi.Input[str]]]:
        if "vpc_id" in self._args:
            return self._args["vpc_id"], self._args["subnet_ids"]
        network = PrivateNetwork(
            self._name,
            parent=self._parent,
            region=self._region,
            service="s3",
            log_retention_days=log_retention_days,
        )
        return network.vpc_id, network.subnet_ids

    def _create_security_group(self, vpc_id: pulumi.Input[str]) -> aws.ec2.SecurityGroup:
        """No inbound rule: clients use the Data API or the query editor."""
        group = aws.ec2.SecurityGroup(
            f"{self._name}-nodes",
            description="Redshift Serverless over a lake",
            vpc_id=vpc_id,
            opts=self._opts,
        )
        allow_https(
            f"{self._name}-nodes-to-s3", group, "s3", region=self._region, parent=self._parent
        )
        return group

    def _create_integration(self, notifications: Sequence[pulumi.Resource]) -> None:
        """Let S3 notify Redshift of new files, which the COPY job loads."""
        account = self._account_arn.apply(lambda arn: arn.split(":")[4])
        policy = aws.redshift.ResourcePolicy(
            f"{self._name}-namespace-policy",
            resource_arn=self._namespace.arn,
            policy=integration_policy(
                self._namespace.arn, self._lake.arn, self._account_arn, account
            ),
            opts=self._opts,
        )
        aws.redshift.Integration(
            f"{self._name}-integration",
            integration_name=self._unique,
            source_arn=self._lake.arn,
            target_arn=self._namespace.arn,
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(depends_on=[policy, self.workgroup, *notifications]),
            ),
        )


def integrations_arn(account_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the ARN pattern of all integrations in the account and region of an ARN."""

    def pattern(arn: str) -> str:
        _, partition, _, region, account, *_ = arn.split(":")
        return f"arn:{partition}:redshift:{region}:{account}:integration:*"

    return account_arn.apply(pattern)
