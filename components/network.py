"""Network: a VPC for services, with private and public subnets in several Availability Zones."""

import ipaddress
from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.alarms import Alarms
from ._blocks.arguments import Between, Matches, OneOf, Problems, declare, resolve
from ._blocks.domain_name import DOMAIN_NAME
from ._blocks.load_balancer import MAX_NAME, LoadBalancer, LoadBalancerArgs
from ._blocks.log_retention import LOG_RETENTION_DAYS
from ._blocks.placement import PlacementArgs
from ._blocks.vpc import Vpc

_MIN_PREFIX, _MAX_PREFIX = 16, 22
"""A VPC has at most a /16. A subnet is a sixteenth of it, and a load balancer needs a /27 ("Subnets
for your load balancer" in the user guide for Application Load Balancers)."""
_SUBNET_BITS = 4
_PUBLIC = 8
"""Index of the first public subnet among the sixteenths, so that either kind can grow."""


class NetworkDomainArgs(TypedDict):
    """The domain below which services have their names, with one certificate."""

    name: str
    """Domain name: `services.example.com`, for `catalogue.services.example.com`."""
    zone_id: pulumi.Input[str]
    """ID of the public hosted zone of the name, which proves it to the certificate authority."""


class NetworkLoadBalancerArgs(TypedDict):
    """An internal load balancer that services of the network share."""

    domain: NotRequired[NetworkDomainArgs]
    """Domain of the services, for HTTPS. Default: none; the listener has no TLS."""
    deletion_protection: NotRequired[bool]
    """Whether AWS refuses to delete the load balancer. Default: true."""


declare(NetworkDomainArgs, limits={"name": DOMAIN_NAME})
declare(NetworkLoadBalancerArgs, defaults={"deletion_protection": True})


class NetworkArgs(TypedDict):
    egress: NotRequired[str]
    """How members reach the internet: `none` (only AWS services with an endpoint), `public` (public
    subnets; a member needs a public IPv4 address, billed by the hour) or `nat` (private subnets
    too, by NAT gateways, billed by the hour and by the gigabyte). Default: `none`."""
    zone_count: NotRequired[int]
    """Number of Availability Zones, 2 to 4. Default: 3."""
    nat_gateway_count: NotRequired[int]
    """Number of NAT gateways, 1 to `zone_count`. With fewer than zones, zones depend on each other
    and traffic between them is billed. Requires `egress: nat`. Default: `zone_count`."""
    cidr_block: NotRequired[str]
    """IPv4 addresses of the VPC, a /16 to /22 block. Default: `10.0.0.0/16`."""
    interface_endpoints: NotRequired[Sequence[str]]
    """AWS services that members reach without the internet: `["ecr.api", "ecr.dkr", "logs"]`; each
    is billed by the hour for each zone. S3 and DynamoDB have free endpoints. Default: none."""
    private_zone_name: NotRequired[str]
    """Name of a private hosted zone, in which services have names: `services.internal`; billed by
    the month. Default: none."""
    load_balancer: NotRequired[NetworkLoadBalancerArgs]
    """An internal load balancer for the services of the network, billed by the hour. Default:
    none."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """ID of an existing VPC, which the component does not change. Default: a new VPC."""
    private_subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """IDs of its private subnets, in at least two zones. Required with `vpc_id`."""
    public_subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """IDs of its public subnets, in at least two zones. Requires `vpc_id`. Default: none."""
    log_retention_days: NotRequired[int]
    """Retention of the flow logs, one of CloudWatch's steps in days (1, 3, 5, 7, 14, 30, ...).
    Default: 30."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms, of the shared load balancer. Default: none."""


declare(
    NetworkArgs,
    defaults={
        "egress": "none",
        "zone_count": 3,
        "cidr_block": "10.0.0.0/16",
        "interface_endpoints": [],
        "log_retention_days": 30,
    },
    limits={
        "egress": OneOf(("none", "public", "nat")),
        "zone_count": Between(2, 4, "zones"),
        "nat_gateway_count": Between(1, 4, "gateways"),
        "cidr_block": Matches(r"[0-9.]+/[0-9]+", "an IPv4 block: '10.0.0.0/16'"),
        "interface_endpoints": Matches(r"[a-z0-9][a-z0-9.-]*", "the name of a service: 'logs'"),
        "private_zone_name": DOMAIN_NAME,
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
    },
)


class Network(pulumi.ComponentResource):
    """A VPC with private subnets, and public ones if `egress` needs them.

    Default settings: no internet access; free endpoints of S3 and DynamoDB; the default security
    group allows nothing; flow logs contain all traffic. Subnets never assign public addresses by
    themselves.
    """

    vpc_id: pulumi.Output[str]
    """ID of the VPC."""
    private_subnet_ids: pulumi.Output[Sequence[str]]
    """IDs of the private subnets, one in each zone."""
    public_subnet_ids: pulumi.Output[Sequence[str]]
    """IDs of the public subnets, one in each zone; empty with `egress: none`."""
    private_zone_id: pulumi.Output[str]
    """ID of the private hosted zone; empty without `private_zone_name`."""
    listener_arn: pulumi.Output[str]
    """ARN of the listener of the shared load balancer; empty without `load_balancer`."""
    load_balancer_security_group_id: pulumi.Output[str]
    """ID of the security group of the shared load balancer; empty without it."""
    load_balancer_domain_name: pulumi.Output[str]
    """Name of the shared load balancer; empty without it."""
    load_balancer_zone_id: pulumi.Output[str]
    """ID of the hosted zone of that name; empty without it."""
    load_balancer_arn_suffix: pulumi.Output[str]
    """Last part of the ARN of the shared load balancer, for metrics; empty without it."""
    client_security_group_id: pulumi.Output[str]
    """ID of the security group whose members may call the services on the shared load balancer;
    empty without it."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:Network", name, {}, opts)
        args = resolve("Network", name, NetworkArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)

        if "vpc_id" in args:
            vpc_id = pulumi.Output.from_input(args["vpc_id"])
            private = list(args["private_subnet_ids"])
            public = list(args.get("public_subnet_ids", ()))
        else:
            vpc_id, private, public = self._create_vpc()
        self._private, self._public = private, public
        self._balancer = self._create_load_balancer(vpc_id)
        outputs = {
            "vpc_id": vpc_id,
            "private_subnet_ids": pulumi.Output.all(*private),
            "public_subnet_ids": pulumi.Output.all(*public),
            "private_zone_id": self._create_private_zone(vpc_id),
            **_flat(self._balancer),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def placement(self) -> PlacementArgs:
        """Where services run: in public subnets with `egress: public`, and in private ones
        otherwise."""
        egress, is_public = self._args["egress"], self._args["egress"] == "public"
        made: PlacementArgs = {
            "vpc_id": self.vpc_id,
            "subnet_ids": self._public if is_public else self._private,
            "assign_public_ip": is_public,
        }
        if self._public:
            made["public_subnet_ids"] = self._public
        if egress == "none" and "vpc_id" not in self._args:
            made["interface_endpoints"] = self._args["interface_endpoints"]
        return made

    def private_placement(self) -> PlacementArgs:
        """Where databases and caches are: in private subnets, whatever `egress` is."""
        return {"vpc_id": self.vpc_id, "subnet_ids": self._private}

    def load_balancer(self) -> LoadBalancerArgs:
        """The load balancer that services share.

        Raises:
            ValueError: the network has no `load_balancer`.
        """
        if self._balancer is None:
            raise ValueError(f"Network '{self._name}' has no `load_balancer`")
        return self._balancer

    def _create_load_balancer(self, vpc_id: pulumi.Output[str]) -> Optional[LoadBalancerArgs]:
        if "load_balancer" not in self._args:
            return None
        args = self._args["load_balancer"]
        domain = args.get("domain")
        made = LoadBalancer(
            self._name,
            parent=self,
            vpc_id=vpc_id,
            subnet_ids=self._private,
            certificate_name=f"*.{domain['name']}" if domain else None,
            zone_id=domain["zone_id"] if domain else None,
            deletion_protection=args["deletion_protection"],
            alarms=Alarms(self._name, self, self._args.get("alarm_topic_arn")),
        ).args
        return {**made, "domain_name": domain["name"]} if domain else made

    def _create_vpc(
        self,
    ) -> tuple[pulumi.Output[str], list[pulumi.Input[str]], list[pulumi.Input[str]]]:
        self._vpc = Vpc(
            self._name,
            parent=self,
            cidr_block=self._args["cidr_block"],
            log_retention_days=self._args["log_retention_days"],
        )
        tables: list[aws.ec2.RouteTable] = []
        public: list[pulumi.Input[str]] = []
        gateways: list[aws.ec2.NatGateway] = []
        if self._args["egress"] != "none":
            table, public = self._create_public_subnets()
            tables.append(table)
            gateways = self._create_nat_gateways(public)
        private_tables, private = self._create_private_subnets(gateways)
        self._create_endpoints([*tables, *private_tables], private)
        return self._vpc.id, private, public

    def _create_public_subnets(self) -> tuple[aws.ec2.RouteTable, list[pulumi.Input[str]]]:
        gateway = aws.ec2.InternetGateway(
            f"{self._name}-internet", vpc_id=self._vpc.id, opts=self._opts
        )
        table = self._vpc.create_route_table("public-routes")
        self._create_default_route("public", table, gateway_id=gateway.id)
        subnets: list[pulumi.Input[str]] = [
            self._create_subnet("public", number, _PUBLIC, table)
            for number in range(self._args["zone_count"])
        ]
        return table, subnets

    def _create_nat_gateways(self, public: Sequence[pulumi.Input[str]]) -> list[aws.ec2.NatGateway]:
        if self._args["egress"] != "nat":
            return []
        gateways = []
        for number in range(self._args.get("nat_gateway_count", self._args["zone_count"])):
            name = f"{self._name}-nat-{number + 1}"
            address = aws.ec2.Eip(f"{name}-address", domain="vpc", opts=self._opts)
            gateways.append(
                aws.ec2.NatGateway(
                    name, allocation_id=address.id, subnet_id=public[number], opts=self._opts
                )
            )
        return gateways

    def _create_private_subnets(
        self, gateways: Sequence[aws.ec2.NatGateway]
    ) -> tuple[list[aws.ec2.RouteTable], list[pulumi.Input[str]]]:
        tables: list[aws.ec2.RouteTable] = []
        subnets: list[pulumi.Input[str]] = []
        for number in range(self._args["zone_count"]):
            table = self._vpc.create_route_table(f"private-routes-{number + 1}")
            if gateways:
                nat = gateways[number % len(gateways)]
                self._create_default_route(f"private-{number + 1}", table, nat_gateway_id=nat.id)
            tables.append(table)
            subnets.append(self._create_subnet("private", number, 0, table))
        return tables, subnets

    def _create_subnet(
        self, kind: str, number: int, first: int, table: aws.ec2.RouteTable
    ) -> pulumi.Output[str]:
        block = ipaddress.ip_network(self._args["cidr_block"])
        blocks = list(block.subnets(prefixlen_diff=_SUBNET_BITS))
        return self._vpc.create_subnet(
            f"{kind}-{number + 1}",
            number,
            str(blocks[first + number]),
            table,
            association=f"{kind}-{number + 1}-routes",
        )

    def _create_default_route(
        self, name: str, table: aws.ec2.RouteTable, **target: pulumi.Input[str]
    ) -> None:
        aws.ec2.Route(
            f"{self._name}-{name}-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            opts=self._opts,
            **target,
        )

    def _create_endpoints(
        self, tables: Sequence[aws.ec2.RouteTable], subnets: Sequence[pulumi.Input[str]]
    ) -> None:
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        for service in ("dynamodb", "s3"):
            self._vpc.create_gateway_endpoint(service, region, tables)
        if not self._args["interface_endpoints"]:
            return
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            description="Interface endpoints of AWS services",
            vpc_id=self._vpc.id,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-endpoints-https",
            description="HTTPS of members of the VPC",
            security_group_id=group.id,
            cidr_ipv4=self._args["cidr_block"],
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self._opts,
        )
        for service in self._args["interface_endpoints"]:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self._vpc.id,
                service_name=pulumi.Output.concat("com.amazonaws.", region, f".{service}"),
                vpc_endpoint_type="Interface",
                subnet_ids=subnets,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                opts=self._opts,
            )

    def _create_private_zone(self, vpc_id: pulumi.Output[str]) -> pulumi.Output[str]:
        if "private_zone_name" not in self._args:
            return pulumi.Output.from_input("")
        return aws.route53.Zone(
            f"{self._name}-private-zone",
            name=self._args["private_zone_name"],
            comment="Names of services",
            vpcs=[{"vpc_id": vpc_id}],
            opts=self._opts,
        ).id


def _flat(balancer: Optional[LoadBalancerArgs]) -> dict[str, pulumi.Output[str]]:
    """Return the outputs of a load balancer, for programs in other languages."""
    names = {
        "listener_arn": "listener_arn",
        "load_balancer_security_group_id": "security_group_id",
        "load_balancer_domain_name": "dns_name",
        "load_balancer_zone_id": "zone_id",
        "load_balancer_arn_suffix": "arn_suffix",
        "client_security_group_id": "client_security_group_id",
    }
    given = dict(balancer or {})
    return {
        name: pulumi.Output.from_input(given.get(key, ""))  # type: ignore[arg-type]
        for name, key in names.items()
    }


def _check(problems: Problems, args: NetworkArgs) -> None:
    _check_block(problems, args["cidr_block"])
    _check_subnets(problems, args)
    services = args["interface_endpoints"]
    problems.unless(
        len(set(services)) == len(services), "interface_endpoints", "has a service twice"
    )
    for number, service in enumerate(services):
        problems.unless(
            service not in ("s3", "dynamodb"),
            f"interface_endpoints[{number}]",
            f"is '{service}', which has a free endpoint already",
        )
    problems.unless(
        "load_balancer" not in args or len(problems.name) <= MAX_NAME,
        "name",
        f"is '{problems.name}', {len(problems.name)} characters; the load balancer is named after "
        f"it, so it must have at most {MAX_NAME}",
    )
    if "nat_gateway_count" not in args:
        return
    count, zones = args["nat_gateway_count"], args["zone_count"]
    problems.unless(args["egress"] == "nat", "nat_gateway_count", "requires `egress: nat`")
    problems.unless(
        count <= zones,
        "nat_gateway_count",
        f"is {count}; it must be at most `zone_count` ({zones})",
    )


def _check_block(problems: Problems, text: str) -> None:
    try:
        block = ipaddress.IPv4Network(text)
    except ValueError as error:
        problems.add("cidr_block", f"is '{text}': {error}")
        return
    problems.unless(
        _MIN_PREFIX <= block.prefixlen <= _MAX_PREFIX,
        "cidr_block",
        f"is '{text}'; it must be a /{_MIN_PREFIX} to /{_MAX_PREFIX} block",
    )


def _check_subnets(problems: Problems, args: NetworkArgs) -> None:
    """Check the subnets of an existing VPC, and that nothing is asked of it that is created."""
    problems.together(args, "", "vpc_id", "private_subnet_ids")
    if "public_subnet_ids" in args:
        problems.unless("vpc_id" in args, "public_subnet_ids", "requires `vpc_id`")
    for key in ("private_subnet_ids", "public_subnet_ids"):
        given: Optional[Sequence[pulumi.Input[str]]] = dict(args).get(key)  # type: ignore[assignment]
        problems.unless(
            given is None or len(given) >= 2,
            key,
            f"has {len(given or ())} subnets; name subnets in at least two zones",
        )
    if "vpc_id" not in args:
        return
    for key, unused in (("egress", "none"), ("interface_endpoints", [])):
        problems.unless(
            dict(args)[key] == unused, key, "is for a new VPC; the one of `vpc_id` is not changed"
        )
