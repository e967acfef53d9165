"""A cluster of DynamoDB Accelerator (DAX) that caches reads of a table."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, role_policy, trust_policy
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, Problems, declare
from .._blocks.function import FunctionVpcArgs
from .._blocks.private_network import PrivateNetwork, allow_https
from .._blocks.table import Table

_TLS_PORT = 9111
_DAY_MS = 24 * 3600 * 1000


class DaxArgs(TypedDict):
    """A DAX cluster; billed by the hour for each node."""

    node_type: NotRequired[str]
    """Node type, such as `dax.r5.large`. Default: `dax.t3.small`."""
    node_count: NotRequired[int]
    """Number of nodes, 1 to 11. Fewer than three do not survive the loss of an Availability Zone.
    Default: 3."""
    item_ttl_ms: NotRequired[int]
    """Time that an item is cached, 1 to 86400000 milliseconds. Default: 5000."""
    query_ttl_ms: NotRequired[int]
    """Time that the result of a query is cached, 1 to 86400000 milliseconds. Default: 5000."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """ID of an existing VPC whose `subnet_ids` have a route to DynamoDB. Default: a new VPC."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """IDs of private subnets of `vpc_id`, one in each Availability Zone. Required with `vpc_id`."""


def _check(problems: Problems, path: str, args: DaxArgs) -> None:
    problems.together(args, path, "vpc_id", "subnet_ids")
    some = "subnet_ids" not in args or bool(args["subnet_ids"])
    problems.unless(some, f"{path}.subnet_ids", "is empty; name a subnet of each zone")


_TTL = Between(1, _DAY_MS, "milliseconds")  # 0 would cache forever
declare(
    DaxArgs,
    defaults={
        "node_type": "dax.t3.small",
        "node_count": 3,
        "item_ttl_ms": 5000,
        "query_ttl_ms": 5000,
    },
    limits={
        "node_type": Matches(r"dax\.[a-z0-9]+\.[a-z0-9]+", "a node type such as 'dax.r5.large'"),
        "node_count": Between(1, 11, "nodes"),
        "item_ttl_ms": _TTL,
        "query_ttl_ms": _TTL,
    },
    check=_check,
)


class Dax:
    """A DAX cluster. Adds no level to the URN.

    It is encrypted in transit and at rest. Its role can only read the table, and only functions in
    `clients` can connect to it.

    Args:
        name: prefix of its resources.
        args: see `DaxArgs`.
        table: the table that it caches.
        parent: the component it belongs to.
        alarms: the alarms to add its alarm to.
        log_retention_days: retention of the flow logs of a new VPC.
    """

    def __init__(
        self,
        name: str,
        args: DaxArgs,
        table: Table,
        *,
        parent: pulumi.Resource,
        alarms: Alarms,
        log_retention_days: int,
    ) -> None:
        self._name, self._args, self._parent = name, args, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._region = table.arn.apply(lambda arn: arn.split(":")[3])
        vpc_id, subnet_ids = self._network(log_retention_days)
        nodes, clients = self._create_security_groups(vpc_id)
        self._cluster = self._create_cluster(table, subnet_ids, nodes)
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
            meaning="DAX returns errors; reads use the table and cost more.",
        )

    def grant_read(self) -> AccessArgs:
        """Access of a function that reads by the cluster."""
        address = self._cluster.cluster_address
        return {
            "environment": {
                "DAX_ENDPOINT": address.apply(lambda host: f"daxs://{host}" if host else "")
            },
            "statements": [allow(["dax:GetItem", "dax:Query"], self._cluster.arn)],
        }

    def _network(
        self, log_retention_days: int
    ) -> tuple[pulumi.Input[str], Sequence[pulumi.Input[str]]]:
        if "vpc_id" in self._args:
            return self._args["vpc_id"], self._args["subnet_ids"]
        network = PrivateNetwork(
            self._name,
            parent=self._parent,
            region=self._region,
            log_retention_days=log_retention_days,
        )
        return network.vpc_id, network.subnet_ids

    def _create_security_groups(
        self, vpc_id: pulumi.Input[str]
    ) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """Create the security groups of the nodes and of the clients."""
        nodes, clients = (
            aws.ec2.SecurityGroup(
                f"{self._name}-{role}", description=description, vpc_id=vpc_id, opts=self._opts
            )
            for role, description in (
                ("nodes", "Nodes of a DAX cluster"),
                ("clients", "Clients of a DAX cluster"),
            )
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-nodes-from-clients",
            description="Requests of the clients",
            security_group_id=nodes.id,
            referenced_security_group_id=clients.id,
            ip_protocol="tcp",
            from_port=_TLS_PORT,
            to_port=_TLS_PORT,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-clients-to-nodes",
            description="Requests to the nodes",
            security_group_id=clients.id,
            referenced_security_group_id=nodes.id,
            ip_protocol="tcp",
            from_port=_TLS_PORT,
            to_port=_TLS_PORT,
            opts=self._opts,
        )
        self._allow_dynamodb(clients)
        # As in the default security group: AWS does not document what the nodes connect to.
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-nodes-to-all",
            description="DynamoDB, and the other services that the nodes use",
            security_group_id=nodes.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            opts=self._opts,
        )
        return nodes, clients

    def _create_cluster(
        self,
        table: Table,
        subnet_ids: Sequence[pulumi.Input[str]],
        nodes: aws.ec2.SecurityGroup,
    ) -> aws.dax.Cluster:
        role, policy = self._create_role(table)
        subnets = aws.dax.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=list(subnet_ids), opts=self._opts
        )
        ttls = {
            "record-ttl-millis": self._args["item_ttl_ms"],
            "query-ttl-millis": self._args["query_ttl_ms"],
        }
        parameters = aws.dax.ParameterGroup(
            f"{self._name}-parameters",
            parameters=[{"name": key, "value": str(ttl)} for key, ttl in ttls.items()],
            opts=self._opts,
        )
        return aws.dax.Cluster(
            self._name,
            # Pulumi does not name clusters; a name can have 20 characters.
            cluster_name=subnets.name.apply(lambda name: f"dax-{name.rsplit('-', 1)[-1]}"),
            node_type=self._args["node_type"],
            replication_factor=self._args["node_count"],
            iam_role_arn=role.arn,
            subnet_group_name=subnets.name,
            security_group_ids=[nodes.id],
            parameter_group_name=parameters.name,
            cluster_endpoint_encryption_type="TLS",
            server_side_encryption={"enabled": True},
            # A new cluster needs the name of the old one. Reads use the table meanwhile.
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
        # The cluster reads the table's key schema with DescribeTable.
        reads = [table.grant("DescribeTable", "GetItem", "Query"), table.grant_query_index()]
        policy = aws.iam.RolePolicy(
            f"{self._name}-policy", role=role.name, policy=role_policy(reads), opts=self._opts
        )
        return role, policy

    def _allow_dynamodb(self, clients: aws.ec2.SecurityGroup) -> None:
        """Allow HTTPS to DynamoDB, which clients use when the cluster fails."""
        allow_https(
            f"{self._name}-clients-to-dynamodb",
            clients,
            "dynamodb",
            region=self._region,
            parent=self._parent,
        )
