"""PrivateNetwork: a VPC without internet access, with an endpoint of DynamoDB or S3."""

import pulumi
import pulumi_aws as aws

from .access import allow
from .service_role import ServiceRole

_ZONES = 3


class PrivateNetwork:
    """Private subnets in up to three Availability Zones. Adds no level to the URN.

    One service is reachable by a gateway endpoint, which is free of charge. There is no internet
    gateway and no NAT gateway. The default security group allows nothing, and the flow logs contain
    all traffic.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        region: name of the region, for the service name of the endpoint.
        service: service with a gateway endpoint: `dynamodb` or `s3`.
        log_retention_days: retention of the flow logs.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        region: pulumi.Output[str],
        service: str = "dynamodb",
        log_retention_days: int,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block="10.0.0.0/22",
            enable_dns_support=True,
            enable_dns_hostnames=True,
            opts=self._opts,
        )
        self.vpc_id = self._vpc.id
        self._zones = aws.get_availability_zones_output(
            state="available",
            # DAX and Lambda are not available in Local Zones.
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            opts=pulumi.InvokeOutputOptions(parent=parent),
        ).names
        routes = aws.ec2.RouteTable(f"{name}-routes", vpc_id=self.vpc_id, opts=self._opts)
        self.subnet_ids = [self._create_subnet(number, routes) for number in range(_ZONES)]
        aws.ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=self.vpc_id,
            service_name=pulumi.Output.concat("com.amazonaws.", region, f".{service}"),
            vpc_endpoint_type="Gateway",
            route_table_ids=[routes.id],
            opts=self._opts,
        )
        # Without rules: the provider removes those of AWS, by which all members may connect.
        aws.ec2.DefaultSecurityGroup(f"{name}-default-group", vpc_id=self.vpc_id, opts=self._opts)
        self._create_flow_log(log_retention_days)

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
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[role.policy])
            ),
        )

    def _create_subnet(self, number: int, routes: aws.ec2.RouteTable) -> pulumi.Output[str]:
        subnet = aws.ec2.Subnet(
            f"{self._name}-subnet-{number + 1}",
            vpc_id=self.vpc_id,
            # Redshift Serverless with 512 RPUs requires more than 128 addresses in each subnet.
            cidr_block=f"10.0.{number}.0/24",
            availability_zone=self._zones.apply(lambda names: names[number % len(names)]),
            # A zone that is added later must not move the subnets.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(ignore_changes=["availabilityZone"])
            ),
        )
        aws.ec2.RouteTableAssociation(
            f"{self._name}-routes-{number + 1}",
            subnet_id=subnet.id,
            route_table_id=routes.id,
            opts=self._opts,
        )
        return subnet.id


def allow_https(
    name: str,
    group: aws.ec2.SecurityGroup,
    service: str,
    *,
    region: pulumi.Output[str],
    parent: pulumi.Resource,
) -> None:
    """Create the egress rule of a security group that allows HTTPS to `dynamodb` or `s3` only."""
    prefixes = aws.ec2.get_managed_prefix_list_output(
        name=pulumi.Output.concat("com.amazonaws.", region, f".{service}"),
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    aws.vpc.SecurityGroupEgressRule(
        name,
        description=f"HTTPS to {service}",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        prefix_list_id=prefixes.id,
        opts=pulumi.ResourceOptions(parent=parent),
    )
