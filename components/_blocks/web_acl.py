"""The AWS WAF web ACL of an API or a distribution: managed rules and a rate limit."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .arguments import Between, Problems, declare
from .edge_domain import REGION
from .origin_secret import HEADER

_MANAGED = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")
# The rule blocks bodies over 8 KB ("Baseline rule groups" in the AWS WAF developer guide), which
# larger orders are. It exists because larger bodies were not inspected as a whole. With the largest
# inspection limit they are, up to what the library `api` accepts by default.
_COUNTED = ("SizeRestrictions_BODY",)
_INSPECTED = "KB_64"


class WebAclArgs(TypedDict):
    """An AWS WAF web ACL with managed rules and a rate limit.

    The first 64 KB of a body are inspected; AWS charges more for requests with bodies over 16 KB.
    """

    requests_per_five_minutes: NotRequired[int]
    """Maximum requests of an IP address in five minutes, 10 to 2000000000. Default: 2000."""
    allowed_addresses: NotRequired[Sequence[str]]
    """CIDR ranges that may send requests, IPv4 or IPv6: `["203.0.113.0/24"]`. All others are
    blocked, also with `count_only`. Default: all addresses."""
    count_only: NotRequired[bool]
    """Whether the rules count the requests that they match instead of blocking them.
    Default: false."""


def _check(problems: Problems, path: str, args: WebAclArgs) -> None:
    for number, each in enumerate(args["allowed_addresses"]):
        where = f"{path}.allowed_addresses[{number}]"
        try:
            network = ip_network(each)
        except ValueError as error:
            problems.add(where, f"is not a CIDR range: {error}")
        else:
            problems.unless(network.prefixlen > 0, where, "must not be /0, which WAF refuses")


declare(
    WebAclArgs,
    defaults={
        "requests_per_five_minutes": 2000,
        "allowed_addresses": [],
        "count_only": False,
    },
    limits={"requests_per_five_minutes": Between(10, 2_000_000_000, "requests")},
    check=_check,
)


def create_web_acl(
    name: str,
    args: WebAclArgs,
    resource_arn: pulumi.Input[str],
    secrets: Sequence[pulumi.Output[str]] = (),
    *,
    parent: pulumi.Resource,
) -> None:
    """Create a regional web ACL and associate it with a resource.

    Args:
        name: name of the web ACL.
        args: see `WebAclArgs`.
        resource_arn: ARN of an API's stage or of a load balancer.
        secrets: the values of the header `x-origin-secret`, of which requests need one. Empty for
            requests without it.
        parent: the component it belongs to.
    """
    acl = _create(name, args, "REGIONAL", secrets=secrets, parent=parent)
    aws.wafv2.WebAclAssociation(
        f"{name}-association",
        resource_arn=resource_arn,
        web_acl_arn=acl.arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def create_edge_web_acl(
    name: str, args: WebAclArgs, uploads: Sequence[str], *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create the web ACL of a distribution. Return its ARN.

    Args:
        name: name of the web ACL.
        args: see `WebAclArgs`.
        uploads: first segments of the paths of uploads. The managed rules do not apply there: in
            the bytes of a photo, they find attacks by chance.
        parent: the component it belongs to.
    """
    return _create(name, args, "CLOUDFRONT", REGION, uploads, parent=parent).arn


def _create(
    name: str,
    args: WebAclArgs,
    scope: str,
    region: Optional[str] = None,
    uploads: Sequence[str] = (),
    *,
    secrets: Sequence[pulumi.Output[str]] = (),
    parent: pulumi.Resource,
) -> aws.wafv2.WebAcl:
    count_only = args["count_only"]
    rules = [
        _managed_rule(rule, number, count_only, uploads) for number, rule in enumerate(_MANAGED)
    ]
    limit = args["requests_per_five_minutes"]
    rules.append(_rate_rule(limit, len(rules), count_only))
    if args["allowed_addresses"]:
        sets = _ip_sets(name, args["allowed_addresses"], scope, region, parent)
        rules.append(
            _outsider_rule("allowed-addresses", [_from_set(arn) for arn in sets], len(rules))
        )
    if secrets:
        rules.append(
            _outsider_rule("origin-secret", [_with_header(each) for each in secrets], len(rules))
        )
    resource = "api_gateway" if scope == "REGIONAL" else "cloudfront"
    inspected: Any = {resource: {"default_size_inspection_limit": _INSPECTED}}
    return aws.wafv2.WebAcl(
        name,
        scope=scope,
        default_action={"allow": {}},
        rules=rules,
        association_config={"request_bodies": [inspected]},
        visibility_config=_visibility(name),
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _managed_rule(
    rule: str, priority: int, count_only: bool, uploads: Sequence[str]
) -> aws.wafv2.WebAclRuleArgsDict:
    group: aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {
        "name": rule,
        "vendor_name": "AWS",
    }
    if rule == _MANAGED[0]:
        group["rule_action_overrides"] = [
            {"name": each, "action_to_use": {"count": {}}} for each in _COUNTED
        ]
    if uploads:
        group["scope_down_statement"] = _outside(uploads)
    return {
        "name": rule,
        "priority": priority,
        "override_action": {"count": {}} if count_only else {"none": {}},
        "statement": {"managed_rule_group_statement": group},
        "visibility_config": _visibility(rule),
    }


def _outside(
    uploads: Sequence[str],
) -> aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementScopeDownStatementArgsDict:
    """Matches requests whose path, as CloudFront routes it, is not below one of the segments."""
    return {
        "not_statement": {
            "statement": {
                "regex_match_statement": {
                    "regex_string": f"^/({'|'.join(uploads)})/",
                    "field_to_match": {"uri_path": {}},
                    # Otherwise `/uploads/../api/` would evade the rules.
                    "text_transformations": [
                        {"priority": 0, "type": "URL_DECODE"},
                        {"priority": 1, "type": "NORMALIZE_PATH"},
                    ],
                }
            }
        }
    }


def _rate_rule(limit: int, priority: int, count_only: bool) -> aws.wafv2.WebAclRuleArgsDict:
    action: aws.wafv2.WebAclRuleActionArgsDict = {"count": {}} if count_only else {"block": {}}
    return {
        "name": "requests-per-address",
        "priority": priority,
        "action": action,
        "statement": {"rate_based_statement": {"limit": limit, "aggregate_key_type": "IP"}},
        "visibility_config": _visibility("requests-per-address"),
    }


def _ip_sets(
    name: str,
    addresses: Sequence[str],
    scope: str,
    region: Optional[str],
    parent: pulumi.Resource,
) -> list[pulumi.Output[str]]:
    """Create a set for each IP version, since WAF has no set of both. Return their ARNs."""
    arns = []
    for version in (4, 6):
        ranges = [each for each in addresses if ip_network(each).version == version]
        if ranges:
            ip_set = aws.wafv2.IpSet(
                f"{name}-ipv{version}",
                scope=scope,
                ip_address_version=f"IPV{version}",
                addresses=ranges,
                region=region,
                opts=pulumi.ResourceOptions(parent=parent),
            )
            arns.append(ip_set.arn)
    return arns


def _from_set(ip_set_arn: pulumi.Output[str]) -> aws.wafv2.WebAclRuleStatementArgsDict:
    return {"ip_set_reference_statement": {"arn": ip_set_arn}}


def _with_header(secret: pulumi.Output[str]) -> aws.wafv2.WebAclRuleStatementArgsDict:
    return {
        "byte_match_statement": {
            "search_string": secret,
            "positional_constraint": "EXACTLY",
            "field_to_match": {"single_header": {"name": HEADER}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _outsider_rule(
    name: str, known: Sequence[aws.wafv2.WebAclRuleStatementArgsDict], priority: int
) -> aws.wafv2.WebAclRuleArgsDict:
    """Block what matches none of the statements. An OR statement needs at least two statements."""
    either: aws.wafv2.WebAclRuleStatementArgsDict = (
        known[0] if len(known) == 1 else {"or_statement": {"statements": known}}
    )
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": {"not_statement": {"statement": either}},
        "visibility_config": _visibility(name),
    }


def _visibility(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {
        "metric_name": metric,
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": False,  # samples would contain tokens of users
    }
