"""Vpc: a VPC whose default security group is closed and whose traffic is logged."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .access import allow
from .service_role import ServiceRole


class Vpc:
    """A VPC. Adds no level to the URN.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        cidr_block: IPv4 addresses of the VPC.
        log_retention_days: retention of the flow logs, which contain all traffic.
    """

    def __init__(
        self, name: str, *, parent: pulumi.Resource, cidr_block: str, log_retention_days: int
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.id = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=cidr_block,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            opts=self._opts,
        ).id
        self._zones = aws.get_availability_zones_output(
            state="available",
            # DAX and Lambda are not available in Local Zones.
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            opts=pulumi.InvokeOutputOptions(parent=parent),
        ).names
        # Without rules: the provider removes those of AWS, by which all members may connect.
        aws.ec2.DefaultSecurityGroup(f"{name}-default-group", vpc_id=self.id, opts=self._opts)
        self._create_flow_log(log_retention_days)

    def create_route_table(self, name: str) -> aws.ec2.RouteTable:
        """Create a route table without routes to other networks."""
        return aws.ec2.RouteTable(f"{self._name}-{name}", vpc_id=self.id, opts=self._opts)

    def create_subnet(
        self, name: str, zone: int, cidr_block: str, routes: aws.ec2.RouteTable, association: str
    ) -> pulumi.Output[str]:
        """Create a subnet and return its ID.

        Args:
            name: last part of the subnet's name.
            zone: index of its Availability Zone. If there are fewer, it starts again at the first.
            cidr_block: IPv4 addresses of the subnet.
            routes: its route table.
            association: last part of the name of the association of the two.
        """
        subnet = aws.ec2.Subnet(
            f"{self._name}-{name}",
            vpc_id=self.id,
            cidr_block=cidr_block,
            availability_zone=self._zones.apply(lambda names: names[zone % len(names)]),
            # A zone that is added later must not move the subnets.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(ignore_changes=["availabilityZone"])
            ),
        )
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{association}",
            subnet_id=subnet.id,
            route_table_id=routes.id,
            opts=self._opts,
        )
        return subnet.id

    def create_gateway_endpoint(
        self, service: str, region: pulumi.Input[str], routes: Sequence[aws.ec2.RouteTable]
    ) -> None:
        """Create a gateway endpoint of `dynamodb` or `s3`, which is free of charge."""
        aws.ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self.id,
            service_name=pulumi.Output.concat("com.amazonaws.", region, f".{service}"),
            vpc_endpoint_type="Gateway",
            route_table_ids=[each.id for each in routes],
            opts=self._opts,
        )

    def _create_flow_log(self, retention_days: int) -> None:
        name = f"{self._name}-flow-log"
        group = aws.cloudwatch.LogGroup(
            f"{name}s", retention_in_days=retention_days, opts=self._opts
        )
        # Without `CreateLogGroup`, which would let late records bring a deleted group back. The
        # CDK's `FlowLog` grants the same actions.
        write = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        role = ServiceRole(
            name,
            "vpc-flow-logs.amazonaws.com",
            [allow(write, group.arn, pulumi.Output.concat(group.arn, ":*"))],
            parent=self._parent,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=self.id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[role.policy])
            ),
        )
