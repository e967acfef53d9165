"""Dax: a cluster of DynamoDB Accelerator in front of a table, and what its clients need."""

import re
from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, role_policy, trust_policy
from .._blocks.alarms import Alarms
from .._blocks.function import FunctionVpcArgs
from .._blocks.private_network import PrivateNetwork, allow_https
from .._blocks.table import Table
from .._blocks.validate import Problems

_PORT = 9111  # of a cluster with TLS
_DAY_MS = 24 * 3600 * 1000


class DaxArgs(TypedDict):
    node_type: NotRequired[str]
    """What its nodes are, such as `dax.r5.large`. Default: `dax.t3.small`."""
    node_count: NotRequired[int]
    """How many, 1 to 11; fewer than three do not outlive a zone. Default: 3."""
    item_ttl_ms: NotRequired[int]
    """How old a cached item may be, 1 to 86400000 milliseconds. Default: 5000."""
    query_ttl_ms: NotRequired[int]
    """How old the cached page of a list may be, as `item_ttl_ms`. Default: 5000."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """The caller's own VPC, with a way to DynamoDB from `subnet_ids`. Default: a new one."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Private subnets of `vpc_id`, one for each zone. Default: new ones."""


class Dax:
    """One cluster. Adds no level to the URN.

    TLS to its clients, encrypted at rest; its role may read the one table and nothing else, and
    only `clients` reach it.

    Args:
        name: prefix of its resources.
        args: see `DaxArgs`.
        table: what it caches.
        parent: the component it belongs to.
        alarms: where its alarm is made.
    """

    def __init__(
        self, name: str, args: DaxArgs, table: Table, *, parent: pulumi.Resource, alarms: Alarms
    ) -> None:
        self._name, self._args, self._parent = name, args, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._region = table.arn.apply(lambda arn: arn.split(":")[3])
        vpc_id, subnet_ids = self._network()
        servers, clients = self._create_security_groups(vpc_id)
        self._cluster = self._create_cluster(table, subnet_ids, servers)
        self.clients: FunctionVpcArgs = {
            "subnet_ids": subnet_ids,
            "security_group_ids": [clients.id],
        }
        alarms.above(
            "dax-faults",
            0,
            "AWS/DAX/FaultRequestCount",
            {"ClusterId": self._cluster.cluster_name},
            minutes=5,
            meaning="DAX answers with errors; reads go to the table and cost more.",
        )

    def grant_read(self) -> AccessArgs:
        """Grant for a function that reads through the cluster."""
        address = self._cluster.cluster_address
        return {
            "environment": {
                "DAX_ENDPOINT": address.apply(lambda host: f"daxs://{host}" if host else "")
            },
            "statements": [allow(["dax:GetItem", "dax:Query"], self._cluster.arn)],
        }

    def _network(self) -> tuple[pulumi.Input[str], Sequence[pulumi.Input[str]]]:
        if "vpc_id" in self._args:
            return self._args["vpc_id"], self._args["subnet_ids"]
        made = PrivateNetwork(self._name, parent=self._parent, region=self._region)
        return made.vpc_id, made.subnet_ids

    def _create_security_groups(
        self, vpc_id: pulumi.Input[str]
    ) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """Those of the nodes and of their clients."""
        servers, clients = (
            aws.ec2.SecurityGroup(
                f"{self._name}-{who}", description=what, vpc_id=vpc_id, opts=self._opts
            )
            for who, what in (
                ("nodes", "Nodes of a DAX cluster"),
                ("clients", "Clients of a DAX cluster"),
            )
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-nodes-from-clients",
            security_group_id=servers.id,
            referenced_security_group_id=clients.id,
            ip_protocol="tcp",
            from_port=_PORT,
            to_port=_PORT,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-clients-to-nodes",
            security_group_id=clients.id,
            referenced_security_group_id=servers.id,
            ip_protocol="tcp",
            from_port=_PORT,
            to_port=_PORT,
            opts=self._opts,
        )
        self._allow_dynamodb(clients)
        # As in AWS's own default group: what nodes call is documented nowhere.
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-nodes-to-all",
            security_group_id=servers.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            opts=self._opts,
        )
        return servers, clients

    def _create_cluster(
        self,
        table: Table,
        subnet_ids: Sequence[pulumi.Input[str]],
        servers: aws.ec2.SecurityGroup,
    ) -> aws.dax.Cluster:
        role, policy = self._create_role(table)
        subnets = aws.dax.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=list(subnet_ids), opts=self._opts
        )
        ttls = {
            "record-ttl-millis": self._args.get("item_ttl_ms", 5000),
            "query-ttl-millis": self._args.get("query_ttl_ms", 5000),
        }
        parameters = aws.dax.ParameterGroup(
            f"{self._name}-parameters",
            parameters=[{"name": key, "value": str(int(ttl))} for key, ttl in ttls.items()],
            opts=self._opts,
        )
        return aws.dax.Cluster(
            self._name,
            # Pulumi names no clusters, and 20 characters are the most.
            cluster_name=subnets.name.apply(lambda name: f"dax-{name.rsplit('-', 1)[-1]}"),
            node_type=self._args.get("node_type", "dax.t3.small"),
            replication_factor=int(self._args.get("node_count", 3)),
            iam_role_arn=role.arn,
            subnet_group_name=subnets.name,
            security_group_ids=[servers.id],
            parameter_group_name=parameters.name,
            cluster_endpoint_encryption_type="TLS",
            server_side_encryption={"enabled": True},
            # Its name is taken until it is gone; the table answers meanwhile.
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(delete_before_replace=True, depends_on=[policy]),
            ),
        )

    def _create_role(self, table: Table) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            f"{self._name}-role",
            assume_role_policy=trust_policy("dax.amazonaws.com"),
            opts=self._opts,
        )
        # DescribeTable: a cluster learns the table's key by it.
        reads = [table.grant("DescribeTable", "GetItem", "Query"), table.grant_query_index()]
        policy = aws.iam.RolePolicy(
            f"{self._name}-policy", role=role.name, policy=role_policy(reads), opts=self._opts
        )
        return role, policy

    def _allow_dynamodb(self, clients: aws.ec2.SecurityGroup) -> None:
        """HTTPS to DynamoDB's addresses, for when the cluster fails, and to nothing else."""
        allow_https(
            f"{self._name}-clients-to-dynamodb",
            clients,
            "dynamodb",
            region=self._region,
            parent=self._parent,
        )


def check_dax(problems: Problems, args: Optional[DaxArgs]) -> None:
    """Check the `dax` argument of a component."""
    if args is None:
        return
    problems.unknown(args, DaxArgs.__annotations__)
    kind = args.get("node_type", "dax.t3.small")
    is_kind = re.fullmatch(r"dax\.[a-z0-9]+\.[a-z0-9]+", kind) is not None
    problems.that(is_kind, "node_type", f"'{kind}' is no node type; give one like dax.r5.large")
    problems.between(args, "node_count", 1, 11, "nodes")
    # 0 would keep what was read for ever.
    problems.between(args, "item_ttl_ms", 1, _DAY_MS, "milliseconds")
    problems.between(args, "query_ttl_ms", 1, _DAY_MS, "milliseconds")
    problems.together(args, "vpc_id", "subnet_ids")
    some = bool(args.get("subnet_ids", True))
    problems.that(some, "subnet_ids", "is empty; give one subnet for each zone")
