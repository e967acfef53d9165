"""ServiceTarget: how a service is reached: load balancer, target groups, rule, name and alarms."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .access import AccessArgs, call
from .alarms import Alarms
from .arguments import Matches, Problems, declare
from .domain_name import DOMAIN_NAME
from .load_balancer import LoadBalancer, LoadBalancerArgs
from .placement import PlacementArgs

MAX_NAME = 19
"""AWS limits the names of load balancers and target groups to 32 characters, of which a suffix here
takes 5 and Pulumi's random one 8."""
DEREGISTRATION_SECONDS = 30
"""Time that a target has for requests in flight, instead of the 300 seconds of AWS."""


class ServiceDomainArgs(TypedDict):
    """Domain name of a service."""

    name: str
    """Domain name of the service: `catalogue.services.internal`."""
    zone_id: NotRequired[pulumi.Input[str]]
    """ID of the hosted zone, private or public, in which the name gets a record. Default: none; the
    record exists, as for another version of the service."""
    https: NotRequired[bool]
    """Whether the service's own load balancer has a certificate of the name, which only a public
    zone can prove. Default: true with `internet_facing`. A shared load balancer decides it."""


declare(ServiceDomainArgs, limits={"name": DOMAIN_NAME})
PATHS = Matches(r"/[^\s]*", "a path with optional wildcards: '/v1/*'")
HEALTH_PATHS = Matches(r"/[^\s?#]*", "a path: '/health'")


class ServiceTarget:
    """The way to a service. Adds no level to the URN.

    Args:
        name: prefix of the resources' names, at most `MAX_NAME` characters.
        parent: the component it belongs to.
        network: where the service runs.
        target_type: `ip` for tasks, `instance` for instances.
        port: port that the service listens on.
        health_path: path of its health check.
        load_balancer: a load balancer that services share; None for one of its own.
        internet_facing: whether the internet reaches its own load balancer.
        domain: domain name of the service.
        paths: paths of the service at that name: `["/v1/*"]`.
        deletion_protection: of its own load balancer.
        gradual: whether there is a second target group, between which deployments shift requests.
            Something else then changes the action of the rule.
        alarms: creates its alarms.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        network: PlacementArgs,
        target_type: str,
        port: int,
        health_path: str,
        load_balancer: Optional[LoadBalancerArgs],
        internet_facing: bool,
        domain: Optional[ServiceDomainArgs],
        paths: Sequence[str],
        deletion_protection: bool,
        gradual: bool,
        alarms: Alarms,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._network, self._port, self._domain = network, port, domain
        self._https = _uses_https(load_balancer, internet_facing, domain)
        self.load_balancer = load_balancer or self._create_load_balancer(
            internet_facing, deletion_protection, alarms
        )
        """The load balancer, as data."""
        self.group_id = self._create_group()
        """ID of the security group of tasks or instances. It accepts only the load balancer, and
        reaches only HTTPS; callers of other services become members of their groups."""
        self.target_groups = [
            self._create_target_group(suffix, target_type, health_path)
            for suffix in (("tg", "tg-2") if gradual else ("tg",))
        ]
        """The target group, and with `gradual` the alternate one."""
        self.rule = self._create_rule(paths, gradual)
        """The listener rule. The service depends on it: without a rule, ECS and Auto Scaling refuse
        a target group."""
        record = self._create_record()
        self.url = self._url(record)
        """Address of the service."""
        self.error_alarm_names = self._create_alarms(alarms)
        """Names of the alarms on errors, one for each target group, which a deployment watches."""

    def grant_call(self, name: str) -> AccessArgs:
        """Return the access of a caller, with a name for its environment."""
        clients = self.load_balancer.get("client_security_group_id")
        return call(name, self.url, security_group_ids=[clients] if clients is not None else [])

    def _create_load_balancer(
        self, internet_facing: bool, deletion_protection: bool, alarms: Alarms
    ) -> LoadBalancerArgs:
        subnets = self._network["public_subnet_ids" if internet_facing else "subnet_ids"]
        domain = self._domain if self._https else None
        return LoadBalancer(
            self._name,
            parent=self._parent,
            vpc_id=self._network["vpc_id"],
            subnet_ids=subnets,
            internal=not internet_facing,
            certificate_name=domain["name"] if domain else None,
            zone_id=domain["zone_id"] if domain else None,
            deletion_protection=deletion_protection,
            alarms=alarms,
        ).args

    def _create_group(self) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            description="The service",
            vpc_id=self._network["vpc_id"],
            opts=self._opts,
        )
        balancer = self.load_balancer["security_group_id"]
        ends = (("in", group.id, balancer), ("out", balancer, group.id))
        for way, owner, other in ends:
            kind = (
                aws.vpc.SecurityGroupIngressRule if way == "in" else aws.vpc.SecurityGroupEgressRule
            )
            kind(
                f"{self._name}-requests-{way}",
                description="Requests and health checks",
                security_group_id=owner,
                referenced_security_group_id=other,
                ip_protocol="tcp",
                from_port=self._port,
                to_port=self._port,
                opts=self._opts,
            )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-https-out",
            description="AWS services",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self._opts,
        )
        return group.id

    def _create_target_group(
        self, suffix: str, target_type: str, health_path: str
    ) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self._name}-{suffix}",
            port=self._port,
            protocol="HTTP",
            target_type=target_type,
            vpc_id=self._network["vpc_id"],
            deregistration_delay=DEREGISTRATION_SECONDS,
            # Not `least_outstanding_requests`, which prefers a target that fails fast.
            load_balancing_algorithm_type="round_robin",
            health_check={
                "path": health_path,
                "interval": 10,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
                "matcher": "200-299",
            },
            opts=self._opts,
        )

    def _create_rule(self, paths: Sequence[str], gradual: bool) -> aws.lb.ListenerRule:
        conditions: list[aws.lb.ListenerRuleConditionArgsDict] = []
        if self._domain:
            conditions.append({"host_header": {"values": [self._domain["name"]]}})
        if not conditions or list(paths) != ["/*"]:
            conditions.append({"path_pattern": {"values": list(paths)}})
        return aws.lb.ListenerRule(
            f"{self._name}-rule",
            listener_arn=self.load_balancer["listener_arn"],
            conditions=conditions,
            actions=[self._forward(gradual)],
            # Deployments of ECS change the weights. cdk-real-drift#1730, containers-roadmap#2853
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(ignore_changes=["actions"] if gradual else None),
            ),
        )

    def _forward(self, gradual: bool) -> aws.lb.ListenerRuleActionArgsDict:
        if not gradual:
            return {"type": "forward", "target_group_arn": self.target_groups[0].arn}
        first, other = self.target_groups
        groups: list[aws.lb.ListenerRuleActionForwardTargetGroupArgsDict] = [
            {"arn": first.arn, "weight": 100},
            {"arn": other.arn, "weight": 0},
        ]
        return {"type": "forward", "forward": {"target_groups": groups}}

    def _create_record(self) -> Optional[aws.route53.Record]:
        if self._domain is None or "zone_id" not in self._domain:
            return None
        return aws.route53.Record(
            f"{self._name}-record",
            zone_id=self._domain["zone_id"],
            name=self._domain["name"],
            type="A",
            aliases=[
                {
                    "name": self.load_balancer["dns_name"],
                    "zone_id": self.load_balancer["zone_id"],
                    "evaluate_target_health": False,
                }
            ],
            opts=self._opts,
        )

    def _url(self, record: Optional[aws.route53.Record]) -> pulumi.Output[str]:
        scheme = "https" if self._https else "http"
        if record is not None:
            name: pulumi.Input[str] = record.fqdn
        elif self._domain:
            name = self._domain["name"]
        else:
            name = self.load_balancer["dns_name"]
        return pulumi.Output.concat(scheme, "://", name)

    def _create_alarms(self, alarms: Alarms) -> list[pulumi.Output[str]]:
        balancer = {"LoadBalancer": self.load_balancer["arn_suffix"]}
        groups = [{"TargetGroup": each.arn_suffix, **balancer} for each in self.target_groups]
        errors = [
            alarms.above(
                f"errors{suffix}",
                0,
                "AWS/ApplicationELB/HTTPCode_Target_5XX_Count",
                group,
                entry="errors-of-a-service",
                meaning="The service answered with a server error.",
            )
            for suffix, group in zip(("", "-2"), groups, strict=False)
        ]
        for suffix, group in zip(("", "-2"), groups, strict=False):
            alarms.above(
                f"unhealthy{suffix}",
                0,
                "AWS/ApplicationELB/UnHealthyHostCount",
                group,
                statistic="Maximum",
                minutes=5,
                entry="unhealthy-targets",
                meaning="The load balancer finds a target of the service unhealthy.",
            )
        return errors


def check_target(
    problems: Problems,
    *,
    network: PlacementArgs,
    load_balancer: Optional[LoadBalancerArgs],
    internet_facing: bool,
    domain: Optional[ServiceDomainArgs],
) -> None:
    """Check the arguments of a component about the way to its service."""
    problems.unless(
        len(problems.name) <= MAX_NAME,
        "name",
        f"is '{problems.name}', {len(problems.name)} characters; load balancers and target groups "
        f"are named after it, so it must have at most {MAX_NAME}",
    )
    if load_balancer is not None:
        _check_shared(problems, load_balancer, internet_facing, domain)
        return
    if internet_facing:
        problems.unless(
            domain is not None, "domain", "is missing; `internet_facing` requires it for HTTPS"
        )
        problems.unless(
            "public_subnet_ids" in network,
            "network.public_subnet_ids",
            "is missing; it is required with `internet_facing`",
        )
    if domain is not None:
        problems.unless(
            "zone_id" in domain,
            "domain.zone_id",
            "is missing; only a service on a shared `load_balancer` has a record already",
        )
        problems.unless(
            domain.get("https", True) or not internet_facing,
            "domain.https",
            "is false; `internet_facing` requires HTTPS",
        )


def _check_shared(
    problems: Problems,
    load_balancer: LoadBalancerArgs,
    internet_facing: bool,
    domain: Optional[ServiceDomainArgs],
) -> None:
    problems.unless(
        not internet_facing, "internet_facing", "is for a load balancer of the service's own"
    )
    if domain is None:
        problems.add("domain", "is missing; services that share a `load_balancer` differ by it")
        return
    problems.unless(
        "https" not in domain, "domain.https", "is decided by the shared `load_balancer`"
    )
    parent = load_balancer.get("domain_name")
    problems.unless(
        parent is None or domain["name"].partition(".")[2] == parent,
        "domain.name",
        f"is '{domain['name']}'; the certificate of `load_balancer` is for names such as "
        f"'catalogue.{parent}'",
    )


def _uses_https(
    load_balancer: Optional[LoadBalancerArgs],
    internet_facing: bool,
    domain: Optional[ServiceDomainArgs],
) -> bool:
    if load_balancer is not None:
        return "domain_name" in load_balancer
    return domain is not None and domain.get("https", internet_facing)
