"""PrivateNetwork: a VPC without internet access, with an endpoint of DynamoDB or S3."""

import pulumi
import pulumi_aws as aws

from .vpc import Vpc

_ZONES = 3


class PrivateNetwork:
    """Private subnets in up to three Availability Zones. Adds no level to the URN.

    One service is reachable by a gateway endpoint. There is no internet gateway and no NAT gateway.

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
        vpc = Vpc(
            name,
            parent=parent,
            cidr_block="10.0.0.0/22",
            log_retention_days=log_retention_days,
        )
        routes = vpc.create_route_table("routes")
        self.vpc_id = vpc.id
        self.subnet_ids = [
            vpc.create_subnet(
                f"subnet-{number + 1}",
                number,
                # Redshift Serverless with 512 RPUs requires more than 128 addresses in each subnet.
                f"10.0.{number}.0/24",
                routes,
                association=f"routes-{number + 1}",
            )
            for number in range(_ZONES)
        ]
        vpc.create_gateway_endpoint(service, region, [routes])


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
