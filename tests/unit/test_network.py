"""Network: subnets, ways out and arguments."""

import ipaddress

import pulumi
import pytest

from components import Network
from tests.conftest import Build, Built


def network(build: Build, **args) -> Built:
    def program() -> None:
        made = Network("net", args)
        pulumi.export("private", made.private_subnet_ids)
        pulumi.export("public", made.public_subnet_ids)
        pulumi.export("zone", made.private_zone_id)

    return build(program)


def default_routes(graph: Built) -> dict[str, str]:
    """Return the target of the default route of each route table."""
    tables = {each.id: each.name for each in graph.of("RouteTable")}
    return {
        tables[each.inputs["routeTableId"]]: each.inputs.get("natGatewayId", "internet")
        for each in graph.of("Route")
    }


def test_by_default_nothing_reaches_the_internet(build: Build):
    graph = network(build)
    assert not any(graph.of(each) for each in ("Route", "InternetGateway", "NatGateway", "Eip"))
    assert (len(graph.outputs["private"]), graph.outputs["public"]) == (3, [])
    assert {each.name for each in graph.of("VpcEndpoint")} == {"net-dynamodb", "net-s3"}
    tables = {each.id for each in graph.of("RouteTable")}
    assert all(set(each.inputs["routeTableIds"]) == tables for each in graph.of("VpcEndpoint"))
    closed = graph.one("net-default-group").inputs
    assert "ingress" not in closed and "egress" not in closed
    assert graph.one("net-flow-log", "FlowLog").inputs["trafficType"] == "ALL"


def test_public_subnets_have_a_way_out_and_private_ones_have_none(build: Build):
    graph = network(build, egress="public", zone_count=2)
    assert default_routes(graph) == {"net-public-routes": "internet"}
    assert len(graph.outputs["public"]) == 2
    assert not any(each.inputs.get("mapPublicIpOnLaunch") for each in graph.of("Subnet"))


def test_private_subnets_leave_by_the_gateway_of_their_zone(build: Build):
    graph = network(build, egress="nat")
    gateways = {each.id: each for each in graph.of("NatGateway")}
    routes = default_routes(graph)
    assert routes.pop("net-public-routes") == "internet"
    zones = {each.id: each.inputs["availabilityZone"] for each in graph.of("Subnet")}
    subnet_of = {
        each.inputs["routeTableId"]: each.inputs["subnetId"]
        for each in graph.of("RouteTableAssociation")
    }
    for table, gateway in routes.items():
        own = zones[subnet_of[graph.one(table, "RouteTable").id]]
        assert zones[gateways[gateway].inputs["subnetId"]] == own
    assert len(gateways) == len(set(routes.values())) == len(graph.of("Eip")) == 3


def test_fewer_gateways_serve_all_zones(build: Build):
    graph = network(build, egress="nat", nat_gateway_count=1)
    routes = default_routes(graph)
    assert len(routes) == 4 and len(set(routes.values())) == 2


@pytest.mark.parametrize("block", ["10.0.0.0/16", "172.16.4.0/22"])
def test_subnets_lie_in_the_block_and_do_not_overlap(build: Build, block: str):
    graph = network(build, egress="public", zone_count=4, cidr_block=block)
    blocks = [ipaddress.ip_network(each.inputs["cidrBlock"]) for each in graph.of("Subnet")]
    assert len(blocks) == 8
    assert all(each.subnet_of(ipaddress.ip_network(block)) for each in blocks)
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a is not b)


def test_interface_endpoints_answer_members_only(build: Build):
    graph = network(build, interface_endpoints=["ecr.api", "logs"])
    endpoint = graph.one("net-ecr-api").inputs
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.ecr.api"
    assert endpoint["privateDnsEnabled"] is True and len(endpoint["subnetIds"]) == 3
    rule = graph.one("net-endpoints-https").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_an_existing_vpc_is_not_changed(build: Build):
    graph = network(
        build,
        vpc_id="vpc-1",
        private_subnet_ids=["subnet-1", "subnet-2"],
        public_subnet_ids=["subnet-3", "subnet-4"],
        private_zone_name="services.internal",
    )
    assert {each.type for each in graph.resources if each.type.startswith("aws:")} == {
        "aws:route53/zone:Zone"
    }
    assert graph.one("net-private-zone").inputs["vpcs"] == [{"vpcId": "vpc-1"}]
    assert graph.outputs["private"] == ["subnet-1", "subnet-2"]
    assert graph.outputs["zone"] == graph.one("net-private-zone").id


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"egress": "internet"}, "egress: is 'internet'; it must be one of"),
        ({"zone_count": 1}, "zone_count: is 1; it must be from 2 to 4 zones"),
        ({"nat_gateway_count": 1}, "nat_gateway_count: requires `egress: nat`"),
        (
            {"egress": "nat", "zone_count": 2, "nat_gateway_count": 3},
            "nat_gateway_count: is 3; it must be at most `zone_count` (2)",
        ),
        ({"cidr_block": "10.0.0.0/8"}, "cidr_block: is '10.0.0.0/8'; it must be a /16 to /22"),
        ({"cidr_block": "10.0.1.0/16"}, "cidr_block: is '10.0.1.0/16': 10.0.1.0/16 has host bits"),
        ({"cidr_block": "10.0.0.0"}, "cidr_block: is '10.0.0.0'; it must be an IPv4 block"),
        ({"interface_endpoints": ["logs", "logs"]}, "interface_endpoints: has a service twice"),
        ({"interface_endpoints": ["s3"]}, "interface_endpoints[0]: is 's3', which has a free"),
        ({"private_zone_name": "Services"}, "private_zone_name: is 'Services'; it must be"),
        ({"vpc_id": "vpc-1"}, "private_subnet_ids: is missing; it is required with `vpc_id`"),
        (
            {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1"]},
            "private_subnet_ids: has 1 subnets; name subnets in at least two zones",
        ),
        ({"public_subnet_ids": ["a", "b"]}, "public_subnet_ids: requires `vpc_id`"),
        (
            {"vpc_id": "vpc-1", "private_subnet_ids": ["a", "b"], "egress": "nat"},
            "egress: is for a new VPC",
        ),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, args: dict, problem: str):
    with pytest.raises(ValueError, match="Network 'net'") as caught:
        network(build, **args)
    assert problem in str(caught.value)


def test_the_shared_load_balancer_admits_its_clients_only(build: Build):
    graph = network(build, load_balancer={})
    balancer = graph.one("net-lb").inputs
    assert balancer["internal"] is True and len(balancer["subnets"]) == 3
    assert balancer["enableDeletionProtection"] is True
    listener = graph.one("net-listener").inputs
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert listener["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    [rule] = graph.of("SecurityGroupIngressRule")
    assert rule.inputs["securityGroupId"] == graph.one("net-lb-group").id
    assert rule.inputs["referencedSecurityGroupId"] == graph.one("net-clients").id


def test_a_domain_gives_the_shared_load_balancer_a_certificate(build: Build):
    domain = {"name": "services.example.com", "zone_id": "Z1"}
    graph = network(build, load_balancer={"domain": domain, "deletion_protection": False})
    certificate = graph.one("net-certificate", "Certificate")
    assert certificate.inputs["domainName"] == "*.services.example.com"
    listener = graph.one("net-listener").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    validation = graph.one("net-certificate-validation").inputs
    assert listener["certificateArn"] == validation["certificateArn"]
    assert graph.one("net-from-clients").inputs["fromPort"] == 443


@pytest.mark.parametrize("egress", ["none", "public", "nat"])
def test_stores_are_in_private_subnets(build: Build, egress: str):
    def program() -> None:
        made = Network("net", {"egress": egress})
        pulumi.export("placement", made.private_placement())
        pulumi.export("private", made.private_subnet_ids)

    outputs = build(program).outputs
    assert outputs["placement"]["subnet_ids"] == outputs["private"]
    assert "assign_public_ip" not in outputs["placement"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, {"assign_public_ip": False, "interface_endpoints": []}),
        ({"egress": "public"}, {"assign_public_ip": True, "public_subnet_ids": 3}),
        ({"egress": "nat"}, {"assign_public_ip": False, "public_subnet_ids": 3}),
        (
            {"vpc_id": "vpc-1", "private_subnet_ids": ["a", "b"]},
            {"assign_public_ip": False},
        ),
    ],
)
def test_the_placement_follows_the_egress(build: Build, args: dict, expected: dict):
    def program() -> None:
        made = Network("net", args)
        pulumi.export("placement", made.placement())
        pulumi.export("public", made.public_subnet_ids)

    outputs = build(program).outputs
    placement = dict(outputs["placement"])
    is_public = placement["subnet_ids"] == outputs["public"]
    assert is_public == (args.get("egress") == "public")
    placement = {key: placement[key] for key in placement if key not in ("vpc_id", "subnet_ids")}
    if "public_subnet_ids" in placement:
        placement["public_subnet_ids"] = len(placement["public_subnet_ids"])
    assert placement == expected


def test_a_network_without_load_balancer_has_none_to_share(build: Build):
    def program() -> None:
        made = Network("net", {})
        pulumi.export("listener", made.listener_arn)
        with pytest.raises(ValueError, match="Network 'net' has no `load_balancer`"):
            made.load_balancer()

    assert build(program).outputs["listener"] == ""


def test_the_name_of_the_load_balancer_fits(build: Build):
    with pytest.raises(ValueError, match="name: is 'a-network-of-services-x', 23 characters"):
        build(lambda: Network("a-network-of-services-x", {"load_balancer": {}}))
