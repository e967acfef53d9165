"""Redshift: a warehouse without servers that copies the lake's files as they come."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, integration_policy
from .._blocks.bucket import Bucket
from .._blocks.private_network import PrivateNetwork, allow_https
from .._blocks.service_role import ServiceRole
from .._blocks.validate import Problems
from .lake_table import LakeTable
from .redshift_sql import copy_job, create_table
from .schema import TelemetrySchema

_DATABASE = "lake"


class RedshiftArgs(TypedDict):
    base_capacity: NotRequired[int]
    """Redshift processing units (RPUs) while it works: 4, or a multiple of 8 up to 512; not every
    region has 4. Default: 8."""
    max_capacity: NotRequired[int]
    """Most RPUs that it grows to, `base_capacity` to 512. Default: `base_capacity`."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """The caller's own VPC, with a way to S3 from `subnet_ids`. Default: a new one."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Private subnets of `vpc_id` in three zones. Default: new ones."""


class Redshift:
    """A namespace, a workgroup and an event integration of the lake. Adds no level to the URN.

    AWS makes and rotates the password of its administrator, in Secrets Manager; no address outside
    of its network reaches it, and from inside it reaches S3 only; its role reads the records and
    nothing else. AWS encrypts every namespace, and requires TLS of every new workgroup.

    Args:
        name: prefix of its resources.
        args: see `RedshiftArgs`.
        schema: the document.
        format: `json` or `parquet`.
        table: the table of the lake.
        lake: bucket of the records.
        notifications: resources that set the bucket's policy and notifications, to which Redshift
            adds its own.
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
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._args, self._parent = name, args, parent
        self._folder, self._lake = f"{schema.table}/", lake
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._account_arn = table.database.arn
        self._region = self._account_arn.apply(lambda arn: arn.split(":")[3])
        self._role = ServiceRole(name, "redshift.amazonaws.com", self._reads(), parent=parent)
        # Pulumi names neither namespaces nor workgroups nor integrations.
        self._unique = self._role.role_name.apply(lambda role: f"lake-{role.rsplit('-', 1)[-1]}")
        self._namespace = self._create_namespace()
        self.workgroup = self._create_workgroup()
        self._integrate(notifications)
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

    def _create_workgroup(self) -> aws.redshiftserverless.Workgroup:
        vpc_id, subnet_ids = self._network()
        base = int(self._args.get("base_capacity", 8))
        return aws.redshiftserverless.Workgroup(
            f"{self._name}-workgroup",
            namespace_name=self._namespace.namespace_name,
            workgroup_name=self._unique,
            base_capacity=base,
            max_capacity=int(self._args.get("max_capacity", base)),
            enhanced_vpc_routing=True,
            publicly_accessible=False,
            subnet_ids=list(subnet_ids),
            security_group_ids=[self._create_security_group(vpc_id).id],
            opts=self._opts,
        )

    def _network(self) -> tuple[pulumi.Input[str], Sequence[pulumi.Input[str]]]:
        if "vpc_id" in self._args:
            return self._args["vpc_id"], self._args["subnet_ids"]
        made = PrivateNetwork(self._name, parent=self._parent, region=self._region, service="s3")
        return made.vpc_id, made.subnet_ids

    def _create_security_group(self, vpc_id: pulumi.Input[str]) -> aws.ec2.SecurityGroup:
        """Nobody comes in: statements come by the Data API or the query editor."""
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

    def _integrate(self, notifications: Sequence[pulumi.Resource]) -> None:
        """Have S3 tell Redshift of new files; what is done with them is the COPY job's."""
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
    """ARN pattern of the integrations of the account and region of `account_arn`."""

    def pattern(arn: str) -> str:
        _, partition, _, region, account, *_ = arn.split(":")
        return f"arn:{partition}:redshift:{region}:{account}:integration:*"

    return account_arn.apply(pattern)


def check_redshift(problems: Problems, args: Optional[RedshiftArgs], format: str) -> None:
    """Check the `redshift` argument of a component."""
    if args is None:
        return
    problems.unknown(args, RedshiftArgs.__annotations__)
    problems.that(format != "iceberg", "redshift", "COPY reads no Iceberg; use json or parquet")
    problems.between(args, "base_capacity", 4, 512, "RPUs")
    base: object = args.get("base_capacity", 8)
    # A number comes as a float from programs in other languages.
    if isinstance(base, int | float):
        fine = base == 4 or base % 8 == 0
        problems.that(fine, "base_capacity", f"is {base}; give 4 or a multiple of 8")
        problems.between(args, "max_capacity", base, 512, "RPUs (no fewer than base_capacity)")
    problems.together(args, "vpc_id", "subnet_ids")
    few = "subnet_ids" in args and len(args["subnet_ids"]) < 3
    problems.that(
        not few, "subnet_ids", "are fewer than three; give one subnet in each of three zones"
    )
