"""EdgeCache: a CloudFront distribution in front of an application that is not changed."""

from collections.abc import Mapping
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.arguments import ArgumentsError, Between, OneOf, Problems, declare, resolve
from .._blocks.distribution import Distribution, DistributionArgs
from .._blocks.domain_name import DOMAIN_NAME
from .._blocks.edge_domain import REGION
from .cached_paths import CachedPathArgs, check_paths, create_behaviors
from .monitoring import create_edge_alarms, create_edge_dashboard, create_edge_metrics
from .origin_shield import SHIELD_REGIONS, shield_region
from .origins import (
    ORIGIN,
    PrivateOrigin,
    PublicOriginArgs,
    check_load_balancer,
    check_name,
    public_origin,
)

_PRIVATE = ("port", "https", "origin_domain_name", "ingress_rule", "security_group_id")
"""Arguments that only a load balancer has."""


class EdgeCacheArgs(TypedDict):
    cached_paths: Mapping[str, CachedPathArgs]
    """Paths that the edge caches, with `*` and `?` as wildcards: `{"/releases/*": {"cache_seconds":
    31536000}, "/latest.json": {"cache_seconds": 5}}`. The most specific one applies. Their
    responses must be the same for all users: cookies and headers are not passed on. All other
    requests reach the application with their cookies and headers, except `Host`."""
    load_balancer_arn: NotRequired[pulumi.Input[str]]
    """ARN of the internal Application Load Balancer of the application, which is not changed. It
    and `origin` exclude each other; one is required."""
    port: NotRequired[int]
    """Port of the load balancer's listener: 80, 443, or 1024 to 65535. Default: 80, or 443 with
    `https`."""
    https: NotRequired[bool]
    """Whether the listener speaks HTTPS. Requires `origin_domain_name`, for its certificate.
    Default: false; requests stay in AWS's network."""
    origin_domain_name: NotRequired[str]
    """`Host` of the requests to the load balancer, as its listener's rules and its certificate have
    it: `updates.example.com`. Default: the name of the load balancer."""
    ingress_rule: NotRequired[bool]
    """Whether to add a rule to a security group that lets CloudFront reach the `port`. It counts as
    55 of the 60 rules that a group has by default. Default: true."""
    security_group_id: NotRequired[pulumi.Input[str]]
    """ID of the security group of the load balancer that gets the rule. Default: the first of its
    groups."""
    origin: NotRequired[PublicOriginArgs]
    """A public server of the application, instead of `load_balancer_arn`."""
    origin_shield_region: NotRequired[str]
    """AWS region of Origin Shield, the one closest to the application, or `none`; billed by the
    request. Default: the region of the load balancer, or the closest one; none for `origin`."""
    distribution: NotRequired[DistributionArgs]
    """Settings of the CloudFront distribution. Default: CloudFront's domain name, all edge
    locations, 30 days of logs."""
    min_hit_percent: NotRequired[int]
    """Share of the requests that the edge must answer from its cache, 1 to 99 percent, or an alarm
    goes off; 0 for no alarm and without the additional metrics of CloudFront, which are billed by
    the month. Default: 90."""
    distribution_alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of an SNS topic in us-east-1 to notify of alarms. Default: none."""


declare(
    EdgeCacheArgs,
    defaults={"distribution": {}, "min_hit_percent": 90},
    limits={
        "port": Between(80, 65_535),
        "origin_domain_name": DOMAIN_NAME,
        "origin_shield_region": OneOf(("none", *SHIELD_REGIONS)),
        "min_hit_percent": Between(0, 99, "percent"),
    },
)


class EdgeCache(pulumi.ComponentResource):
    """CloudFront -> VPC origin -> internal load balancer of an application that runs already.

    Nothing of the application, its load balancer, listeners and target groups is changed, and the
    component never manages them. It adds one rule to a security group, as a resource of its own,
    unless `ingress_rule` is false.

    Default settings: HTTP/2 and HTTP/3, HTTPS only for users; the load balancer stays unreachable
    from the internet; Origin Shield in its region, so that simultaneous requests for one file are
    one request to the application; ranges and conditional requests are answered from the cache. If
    the application fails, the edge answers with what it still has of the cached paths. Access logs
    without IP addresses, alarms on errors and a low hit rate, and a dashboard are included.
    """

    url: pulumi.Output[str]
    """URL of the distribution, without a trailing slash."""
    distribution_id: pulumi.Output[str]
    """ID of the distribution."""
    distribution_arn: pulumi.Output[str]
    """ARN of the distribution."""
    distribution_domain_name: pulumi.Output[str]
    """Domain name that CloudFront assigned to the distribution."""

    def __init__(
        self, name: str, args: EdgeCacheArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:EdgeCache", name, {}, opts)
        self._name = name
        self._args = resolve("EdgeCache", name, EdgeCacheArgs, args, _check)

        self._distribution = self._create_distribution(self._create_origin())
        self._create_monitoring()
        outputs = {
            "url": self._distribution.url,
            "distribution_id": self._distribution.id,
            "distribution_arn": self._distribution.arn,
            "distribution_domain_name": self._distribution.domain_name,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_origin(self) -> aws.cloudfront.DistributionOriginArgsDict:
        args, region = self._args, self._args.get("origin_shield_region")
        if "origin" in args:
            origin = public_origin(self._name, args["origin"])
            return _shielded(origin, region or "none")
        https = args.get("https", False)
        private = PrivateOrigin(
            self._name,
            parent=self,
            arn=args["load_balancer_arn"],
            port=args.get("port", 443 if https else 80),
            https=https,
            domain_name=args.get("origin_domain_name"),
            ingress=args.get("ingress_rule", True),
            security_group_id=args.get("security_group_id"),
        )
        return _shielded(private.origin, region or private.arn.apply(self._shield_region))

    def _shield_region(self, arn: str) -> str:
        try:
            return shield_region(arn)
        except ValueError as error:
            problem = ("origin_shield_region", str(error))
            raise ArgumentsError(f"EdgeCache '{self._name}'", [problem]) from None

    def _create_distribution(
        self, origin: aws.cloudfront.DistributionOriginArgsDict
    ) -> Distribution:
        behaviors = create_behaviors(
            self._name,
            ORIGIN,
            self._args["cached_paths"],
            headers_policy_id=self._create_headers_policy(),
            parent=self,
        )
        return Distribution(
            self._name,
            parent=self,
            origins=[origin],
            behaviors=behaviors,
            args=self._args["distribution"],
        )

    def _create_headers_policy(self) -> pulumi.Output[str]:
        """Create the policy: HTTPS in the future, unless the application says otherwise."""
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            security_headers_config={
                "strict_transport_security": {
                    "access_control_max_age_sec": 365 * 24 * 3600,
                    "override": False,
                },
            },
            opts=pulumi.ResourceOptions(parent=self),
        ).id

    def _create_monitoring(self) -> None:
        min_hit_percent = self._args["min_hit_percent"]
        alarms = Alarms(self._name, self, self._args.get("distribution_alarm_topic_arn"), REGION)
        if min_hit_percent:
            create_edge_metrics(self._name, self._distribution, parent=self)
        create_edge_alarms(alarms, self._distribution, min_hit_percent)
        create_edge_dashboard(
            self._name, self, self._distribution, alarms.arns, additional=min_hit_percent > 0
        )


def _shielded(
    origin: aws.cloudfront.DistributionOriginArgsDict, region: pulumi.Input[str]
) -> aws.cloudfront.DistributionOriginArgsDict:
    if region == "none":
        return origin
    return {**origin, "origin_shield": {"enabled": True, "origin_shield_region": region}}


def _check(problems: Problems, args: EdgeCacheArgs) -> None:
    check_paths(problems, args["cached_paths"])
    if "load_balancer_arn" in args:
        problems.unless("origin" not in args, "origin", "is given with `load_balancer_arn`")
        check_load_balancer(problems, args["load_balancer_arn"])
        check_name(problems)
        _check_private(problems, args)
        return
    problems.unless("origin" in args, "load_balancer_arn", "is missing; it or `origin` is required")
    for key in _PRIVATE:
        problems.unless(key not in args, key, "requires `load_balancer_arn`")


def _check_private(problems: Problems, args: EdgeCacheArgs) -> None:
    port = args.get("port", 80)
    problems.unless(
        port in {80, 443} or port >= 1024,
        "port",
        f"is {port}; CloudFront reaches ports 80, 443 and 1024 to 65535",
    )
    problems.unless(
        not args.get("https", False) or "origin_domain_name" in args,
        "origin_domain_name",
        "is missing; it is required with `https`, as the name on the listener's certificate",
    )
    problems.unless(
        args.get("ingress_rule", True) or "security_group_id" not in args,
        "security_group_id",
        "has no effect without `ingress_rule`",
    )
