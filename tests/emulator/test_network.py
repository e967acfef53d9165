"""A network with every option, created and read back."""

import pytest

from local.cloud import Cloud
from tests.projects import write_project

SOURCE = """
import pulumi

from components import Network

made = Network(
    "net",
    {
        "egress": "nat",
        "zone_count": 2,
        "nat_gateway_count": 1,
        "interface_endpoints": ["ecr.api"],
        "private_zone_name": "services.internal",
    },
)
pulumi.export("vpc", made.vpc_id)
pulumi.export("zone", made.private_zone_id)
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory):
    project = write_project(tmp_path_factory.mktemp("network"))
    (project / "__main__.py").write_text(SOURCE)
    with Cloud(program=project) as running:
        yield running


def test_the_routes_of_each_subnet(cloud: Cloud):
    ec2, vpc = cloud.client("ec2"), {"Name": "vpc-id", "Values": [cloud.outputs["vpc"]]}
    tables = ec2.describe_route_tables(Filters=[vpc])["RouteTables"]
    ways = {}
    for table in tables:
        [out] = [
            each for each in table["Routes"] if each.get("DestinationCidrBlock") == "0.0.0.0/0"
        ] or [{}]
        kind = out.get("NatGatewayId") or out.get("GatewayId") or "none"
        for each in table["Associations"]:
            if each.get("SubnetId"):
                ways.setdefault(kind.split("-")[0], []).append(each["SubnetId"])
    assert {kind: len(subnets) for kind, subnets in ways.items()} == {"igw": 2, "nat": 2}


def test_gateways_endpoints_and_zone_exist(cloud: Cloud):
    ec2, vpc = cloud.client("ec2"), {"Name": "vpc-id", "Values": [cloud.outputs["vpc"]]}
    [nat] = ec2.describe_nat_gateways(Filters=[vpc])["NatGateways"]
    assert nat["State"] == "available" and len(ec2.describe_addresses()["Addresses"]) == 1
    kinds = [each["VpcEndpointType"] for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]]
    assert sorted(kinds) == ["Gateway", "Gateway", "Interface"]
    zone = cloud.client("route53").get_hosted_zone(Id=cloud.outputs["zone"])
    assert zone["HostedZone"]["Config"]["PrivateZone"] is True
    assert [each["VPCId"] for each in zone["VPCs"]] == [cloud.outputs["vpc"]]
