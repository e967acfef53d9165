"""The servers of a database: an RDS instance, or an Aurora cluster with its instances."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from .component import DatabaseArgs

MANAGER = "manager"
"""The master user."""
PORT = 5432
_BACKUP_WINDOW = "02:00-03:00"
_INSIGHTS_DAYS = 7
"""Included in the price. https://aws.amazon.com/rds/performance-insights/pricing/"""


class Server(ABC):
    """What the parts of the component know of the server. Adds no level to the URN.

    Args:
        name: prefix of the resources' names.
        args: arguments of the component, with all defaults.
        parent: the component it belongs to.
        group_id: its security group.
        identifier: its name in AWS.
    """

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    arn: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    instances: Sequence[pulumi.Resource]
    """What answers, once it is created."""
    log_types: Sequence[str]

    def __init__(
        self,
        name: str,
        args: "DatabaseArgs",
        *,
        parent: pulumi.Resource,
        group_id: pulumi.Input[str],
        identifier: pulumi.Output[str],
    ) -> None:
        self.name, self.args = name, args
        self.identifier = identifier
        self._parent, self._opts = parent, pulumi.ResourceOptions(parent=parent)
        subnets = aws.rds.SubnetGroup(
            f"{name}-subnets",
            description=f"Subnets of {name}",
            subnet_ids=args["network"]["subnet_ids"],
            opts=self._opts,
        )
        logs = [self._create_log_group(each) for each in self.log_types]
        self._common: dict[str, Any] = {
            "db_subnet_group_name": subnets.name,
            "vpc_security_group_ids": [group_id],
            "iam_database_authentication_enabled": True,
            "manage_master_user_password": True,
            "storage_encrypted": True,
            "backup_retention_period": args["backup_retention_days"],
            "copy_tags_to_snapshot": True,
            "deletion_protection": args["retain_data"],
            "delete_automated_backups": not args["retain_data"],
            "skip_final_snapshot": not args["retain_data"],
            "final_snapshot_identifier": (
                pulumi.Output.concat(identifier, "-final") if args["retain_data"] else None
            ),
            "enabled_cloudwatch_logs_exports": list(self.log_types),
            "allow_major_version_upgrade": True,
            "apply_immediately": True,
            "port": PORT,
        }
        self._protected = pulumi.ResourceOptions(
            parent=parent,
            # RDS would create log groups that keep everything for ever.
            depends_on=logs,
            # Two cannot have one name; the old one is protected by its own settings.
            delete_before_replace=True,
        )
        self._create()

    @property
    @abstractmethod
    def dimensions(self) -> dict[str, pulumi.Input[str]]:
        """The dimensions of its metrics."""

    @property
    @abstractmethod
    def log_prefix(self) -> str:
        """The start of the names of its log groups."""

    @abstractmethod
    def _create(self) -> None:
        """Create the resources and set the attributes."""

    def _create_log_group(self, log_type: str) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self.name}-{log_type}-logs",
            name=pulumi.Output.concat(self.log_prefix, self.identifier, f"/{log_type}"),
            retention_in_days=self.args["log_retention_days"],
            opts=self._opts,
        )


class Instance(Server):
    """An RDS instance, with a standby in another zone if asked for."""

    log_types = ("iam-db-auth-error", "postgresql", "upgrade")
    log_prefix = "/aws/rds/instance/"

    @property
    def dimensions(self) -> dict[str, pulumi.Input[str]]:
        return {"DBInstanceIdentifier": self.identifier}

    def _create(self) -> None:
        args = self.args
        parameters = aws.rds.ParameterGroup(
            f"{self.name}-parameters",
            family=f"postgres{args['version']}",
            description=f"Parameters of {self.name}",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
            opts=self._opts,
        )
        made = aws.rds.Instance(
            f"{self.name}-instance",
            identifier=self.identifier,
            engine="postgres",
            engine_version=args["version"],
            instance_class=args["instance_class"],
            allocated_storage=args["storage"],
            max_allocated_storage=args["max_storage"],
            storage_type="gp3",
            db_name=args["database_name"],
            username=MANAGER,
            multi_az=args["standby"],
            publicly_accessible=False,
            parameter_group_name=parameters.name,
            auto_minor_version_upgrade=True,
            backup_window=_BACKUP_WINDOW,
            maintenance_window=args["maintenance_window"],
            opts=self._protected,
            performance_insights_enabled=True,
            performance_insights_retention_period=_INSIGHTS_DAYS,
            **self._common,
        )
        self.host, self.port, self.arn = made.address, made.port, made.arn
        self.resource_id = made.resource_id
        self.secret_arn = made.master_user_secrets[0].secret_arn
        self.instances = [made]


class Cluster(Server):
    """An Aurora cluster of serverless instances."""

    log_types = ("iam-db-auth-error", "instance", "postgresql")
    log_prefix = "/aws/rds/cluster/"

    @property
    def dimensions(self) -> dict[str, pulumi.Input[str]]:
        return {"DBClusterIdentifier": self.identifier}

    def _create(self) -> None:
        args = self.args
        parameters = aws.rds.ClusterParameterGroup(
            f"{self.name}-parameters",
            family=f"aurora-postgresql{args['version']}",
            description=f"Parameters of {self.name}",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
            opts=self._opts,
        )
        made = aws.rds.Cluster(
            f"{self.name}-cluster",
            cluster_identifier=self.identifier,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            engine_version=args["version"],
            database_name=args["database_name"],
            master_username=MANAGER,
            serverlessv2_scaling_configuration={
                "min_capacity": args["min_capacity"],
                "max_capacity": args["max_capacity"],
            },
            db_cluster_parameter_group_name=parameters.name,
            preferred_backup_window=_BACKUP_WINDOW,
            preferred_maintenance_window=args["maintenance_window"],
            opts=self._protected,
            **self._common,
        )
        self.host, self.port, self.arn = made.endpoint, made.port, made.arn
        self.resource_id = made.cluster_resource_id
        self.secret_arn = made.master_user_secrets[0].secret_arn
        self.instances = [self._create_instance(made, n) for n in range(1 + args["standby"])]

    def _create_instance(self, cluster: aws.rds.Cluster, number: int) -> aws.rds.ClusterInstance:
        return aws.rds.ClusterInstance(
            f"{self.name}-instance-{number + 1}",
            cluster_identifier=cluster.id,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            engine_version=cluster.engine_version,
            instance_class="db.serverless",
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            # Those of tier 0 and 1 scale with the writer, so that they can take over.
            promotion_tier=number,
            preferred_maintenance_window=self.args["maintenance_window"],
            copy_tags_to_snapshot=True,
            apply_immediately=True,
            performance_insights_enabled=True,
            performance_insights_retention_period=_INSIGHTS_DAYS,
            opts=self._opts,
        )
