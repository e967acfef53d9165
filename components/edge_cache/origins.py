"""The origins of EdgeCache: a private load balancer that runs already, or a public server."""

import re
from collections.abc import Mapping
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import ArgumentsError, Problems, declare
from .._blocks.distribution import custom_origin, vpc_origin
from .._blocks.domain_name import DOMAIN_NAME
from .._blocks.origin_secret import check_origin_secret, origin_secret

ORIGIN = "application"
"""ID of the origin."""
_MAX_NAME = 64 - len("-0123456789abcdef-https-65535")
_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"
"""Addresses from which CloudFront reaches origins: "Use the CloudFront managed prefix list"."""
_ARN = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/.+/.+")
_DEPLOYMENT = "40m"
"""As long as CloudFormation waits for a VPC origin; the provider waits 15 minutes by default."""
_FORM = (
    "the ARN of an Application Load Balancer:"
    " 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef'"
)


class PublicOriginArgs(TypedDict):
    """A server that the internet reaches, as the fallback where a VPC origin is not possible."""

    domain_name: str
    """Host name of the server, with a certificate for it: `origin.example.com`."""
    secret: NotRequired[pulumi.Input[str]]
    """Secret that CloudFront sends in the header `x-origin-secret`, 32 to 128 ASCII characters. The
    server or its load balancer must refuse requests without it. To rotate it: accept both, change
    it here, then accept only the new one. Default: none; everybody can bypass the edge."""


def _check(problems: Problems, path: str, args: PublicOriginArgs) -> None:
    if "secret" in args:
        check_origin_secret(problems, f"{path}.secret", args["secret"])


declare(PublicOriginArgs, limits={"domain_name": DOMAIN_NAME}, check=_check)


def public_origin(name: str, args: PublicOriginArgs) -> aws.cloudfront.DistributionOriginArgsDict:
    """Return the origin of a public server, over HTTPS.

    Args:
        name: name of the component, for errors.
        args: see `PublicOriginArgs`.
    """
    secret = (
        origin_secret(_subject(name), "origin.secret", args["secret"]) if "secret" in args else None
    )
    return custom_origin(ORIGIN, args["domain_name"], secret=secret)


def check_load_balancer(problems: Problems, arn: pulumi.Input[str]) -> None:
    """Check an ARN that is known at preview."""
    if isinstance(arn, str) and not _ARN.fullmatch(arn):
        problems.add("load_balancer_arn", f"is '{arn}'; it must be {_FORM}")


def check_name(problems: Problems) -> None:
    """Check the name of the component, with which the name of the VPC origin begins."""
    name = problems.name
    problems.unless(
        re.fullmatch(rf"[A-Za-z0-9_-]{{1,{_MAX_NAME}}}", name) is not None,
        "name",
        f"is {name}; the name of a VPC origin has only letters, digits, '-' and '_', and"
        f" {_MAX_NAME} of its 64 characters are for the name of the component",
    )


class PrivateOrigin:
    """A VPC origin to an internal load balancer, which is looked up and never managed. Adds no
    level to the URN.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        arn: ARN of the load balancer.
        port: port of its listener.
        https: whether the listener speaks HTTPS.
        domain_name: host name of the requests; None for the name of the load balancer.
        ingress: whether to add a rule for CloudFront to a security group.
        security_group_id: the group; None for one of the load balancer's.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        arn: pulumi.Input[str],
        port: int,
        https: bool,
        domain_name: Optional[str],
        ingress: bool,
        security_group_id: Optional[pulumi.Input[str]],
    ) -> None:
        self._name, self._parent = name, parent
        self._port, self._https = port, https
        invoke = pulumi.InvokeOutputOptions(parent=parent)
        found = aws.lb.get_load_balancer_output(arn=arn, opts=invoke)
        self._balancer = pulumi.Output.all(
            arn=found.arn,
            internal=found.internal,
            dns_name=found.dns_name,
            security_groups=found.security_groups,
        ).apply(self._checked)
        self.arn: pulumi.Output[str] = self._balancer["arn"]
        """ARN of the load balancer, once it is known to be internal."""
        rule = self._allow(security_group_id) if ingress else None
        origin = self._create_origin(rule)
        self.origin = vpc_origin(ORIGIN, domain_name or self._balancer["dns_name"], origin.id)

    def _checked(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        if found["internal"]:
            return found
        raise ArgumentsError(
            _subject(self._name),
            [
                (
                    "load_balancer_arn",
                    f"{found['arn']} is internet-facing, so that everybody can bypass the edge; use"
                    " an internal one, or `origin` with a `secret`",
                )
            ],
        )

    def _allow(
        self, security_group_id: Optional[pulumi.Input[str]]
    ) -> aws.vpc.SecurityGroupIngressRule:
        """Create the rule. It is a resource of its own, and goes with the component."""
        own = self._balancer.apply(lambda found: min(found["security_groups"]))
        prefix_list = aws.ec2.get_managed_prefix_list_output(
            name=_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self._parent)
        )
        return aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-edge",
            description="CloudFront",
            security_group_id=own if security_group_id is None else security_group_id,
            prefix_list_id=prefix_list.id,
            ip_protocol="tcp",
            from_port=self._port,
            to_port=self._port,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )

    def _create_origin(
        self, rule: Optional[aws.vpc.SecurityGroupIngressRule]
    ) -> aws.cloudfront.VpcOrigin:
        """Create the VPC origin.

        CloudFront refuses all changes of a VPC origin that a distribution uses, also of tags
        (terraform-provider-aws#40905, aws-cdk#35765). So it is replaced: its name contains all of
        its settings, and the distribution moves to the new one before the old one is deleted.
        Changes of tags are ignored, among them the default tags of the provider.
        """
        scheme = "https" if self._https else "http"
        balancer = self.arn.apply(lambda arn: arn.rsplit("/", 1)[-1])
        return aws.cloudfront.VpcOrigin(
            f"{self._name}-origin",
            vpc_origin_endpoint_config={
                "name": pulumi.Output.concat(
                    self._name, "-", balancer, f"-{scheme}-", str(self._port)
                ),
                "arn": self.arn,
                "http_port": 80 if self._https else self._port,
                "https_port": self._port if self._https else 443,
                "origin_protocol_policy": f"{scheme}-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            timeouts={"create": _DEPLOYMENT, "delete": _DEPLOYMENT},
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=[rule] if rule else [],
                replace_on_changes=["vpcOriginEndpointConfig"],
                ignore_changes=["tags", "tagsAll"],
            ),
        )


def _subject(name: str) -> str:
    return f"EdgeCache '{name}'"
