"""Distribution: CloudFront in front of private buckets, APIs and other origins."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .arguments import Matches, OneOf, Problems, declare
from .edge_domain import DistributionDomainArgs, create_certificate, create_records, domain_names
from .edge_logs import create_edge_logs
from .log_retention import LOG_RETENTION_DAYS
from .origin_secret import HEADER
from .web_acl import WebAclArgs, create_edge_web_acl

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS managed cache policy `CachingOptimized`: as the origin's headers say, by default a day."""
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS managed cache policy `CachingDisabled`."""
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""AWS managed origin request policy `AllViewerExceptHostHeader`."""
READ = ("GET", "HEAD")
WRITE = (*READ, "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
PRICE_CLASSES = ("PriceClass_100", "PriceClass_200", "PriceClass_All")
# Not the default of 10, which would delay objects that are just created. Without the permission to
# list a bucket, which would tell visitors the names of objects, S3 answers 403 for a missing one.
_MISSING = {403: 1, 404: 1}


class DistributionArgs(TypedDict):
    """Settings of the CloudFront distribution of a component."""

    domain: NotRequired[DistributionDomainArgs]
    """Custom domain name. Default: the name that CloudFront assigns."""
    price_class: NotRequired[str]
    """Edge locations to use: `PriceClass_100` (cheapest), `PriceClass_200` or `PriceClass_All`.
    Default: `PriceClass_All`."""
    allowed_countries: NotRequired[Sequence[str]]
    """ISO 3166-1 alpha-2 codes of the countries that may access the content: `["DE", "AT"]`.
    Default: all."""
    blocked_countries: NotRequired[Sequence[str]]
    """Codes of the countries that may not access the content. Default: none."""
    web_acl: NotRequired[WebAclArgs]
    """AWS WAF web ACL of the distribution; billed monthly. Default: none."""
    comment: NotRequired[str]
    """Comment of the distribution, up to 128 characters. If it contains an address such as
    `http://localhost:8082`, local mode serves the distribution there. Default: the component's
    name."""
    log_retention_days: NotRequired[int]
    """Retention of access logs in CloudWatch, one of its steps in days (1, 3, 5, 7, 14, 30, ...);
    0 for no access logs. Default: 30."""


def _check(problems: Problems, path: str, args: DistributionArgs) -> None:
    both = "allowed_countries" in args and "blocked_countries" in args
    problems.unless(not both, f"{path}.allowed_countries", "is given with `blocked_countries`")
    long = len(args.get("comment", "")) > 128
    problems.unless(not long, f"{path}.comment", "is longer than 128 characters")


_COUNTRY = Matches("[A-Z]{2}", "a code of two capital letters such as 'DE'")
declare(
    DistributionArgs,
    defaults={"price_class": "PriceClass_All", "log_retention_days": 30},
    limits={
        "price_class": OneOf(PRICE_CLASSES),
        "allowed_countries": _COUNTRY,
        "blocked_countries": _COUNTRY,
        "log_retention_days": OneOf((0, *LOG_RETENTION_DAYS)),
    },
    check=_check,
)


class Distribution:
    """A distribution with secure defaults. Adds no level to the URN.

    HTTP/2 and HTTP/3, TLS 1.2 or newer, redirects from HTTP to HTTPS, compression of text.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        origins: results of `bucket_origin` and `custom_origin`.
        behaviors: results of `behavior`; the first one is the default behavior.
        args: see `DistributionArgs`.
        root: default root object; empty for none.
        ipv6: whether IPv6 is enabled.
        uploads: first segments of the paths that accept uploads, for the web ACL.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        origins: Sequence[aws.cloudfront.DistributionOriginArgsDict],
        behaviors: Sequence[Mapping[str, Any]],
        args: DistributionArgs,
        root: str = "",
        ipv6: bool = True,
        uploads: Sequence[str] = (),
    ) -> None:
        opts = pulumi.ResourceOptions(parent=parent)
        domain = args.get("domain")
        certificate = create_certificate(name, domain, parent=parent) if domain else None
        acl_arn = (
            create_edge_web_acl(f"{name}-web-acl", args["web_acl"], uploads, parent=parent)
            if "web_acl" in args
            else None
        )
        default: Any = {key: each for key, each in behaviors[0].items() if key != "path_pattern"}
        ordered: list[Any] = list(behaviors[1:])
        distribution = aws.cloudfront.Distribution(
            f"{name}-distribution",
            enabled=True,
            comment=args.get("comment", name),
            http_version="http2and3",
            is_ipv6_enabled=ipv6,
            price_class=args["price_class"],
            aliases=domain_names(domain) if domain else [],
            default_root_object=root or None,
            origins=origins,
            default_cache_behavior=default,
            ordered_cache_behaviors=ordered,
            custom_error_responses=[
                {"error_code": code, "error_caching_min_ttl": seconds}
                for code, seconds in _MISSING.items()
            ],
            restrictions={"geo_restriction": _countries(args)},
            viewer_certificate=_certificate(certificate),
            web_acl_id=acl_arn,
            opts=opts,
        )
        if domain:
            create_records(name, domain, distribution, parent=parent)
        if args["log_retention_days"]:
            create_edge_logs(name, distribution, args["log_retention_days"], parent=parent)
        self.id, self.arn = distribution.id, distribution.arn
        self.domain_name = distribution.domain_name
        self.url = (
            pulumi.Output.from_input(f"https://{domain['name']}")
            if domain
            else pulumi.Output.concat("https://", distribution.domain_name)
        )


def bucket_access(name: str, *, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Create an origin access control, with which CloudFront reads buckets. Return its ID.

    Args:
        name: prefix of the resource's name.
        parent: the component it belongs to.
    """
    control = aws.cloudfront.OriginAccessControl(
        f"{name}-access",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return control.id


def bucket_origin(
    origin: str, domain_name: pulumi.Input[str], access_id: pulumi.Input[str]
) -> aws.cloudfront.DistributionOriginArgsDict:
    """Return the origin of a private bucket, by its regional domain name."""
    return {
        "origin_id": origin,
        "domain_name": domain_name,
        "origin_access_control_id": access_id,
    }


def custom_origin(
    origin: str,
    domain_name: pulumi.Input[str],
    path: pulumi.Input[str] = "",
    secret: Optional[pulumi.Output[str]] = None,
) -> aws.cloudfront.DistributionOriginArgsDict:
    """Return the origin of an HTTPS server.

    Args:
        origin: ID of the origin.
        domain_name: host of the server.
        path: origin path.
        secret: value of the header `x-origin-secret` of all requests to it; None for none.
    """
    return {
        "origin_id": origin,
        "domain_name": domain_name,
        "origin_path": path,
        "custom_origin_config": {
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],
        },
        # It replaces a header of the same name from the visitor.
        "custom_headers": [{"name": HEADER, "value": secret}] if secret else [],
    }


def vpc_origin(
    origin: str, domain_name: pulumi.Input[str], vpc_origin_id: pulumi.Input[str]
) -> aws.cloudfront.DistributionOriginArgsDict:
    """Return the origin of a server that only its VPC reaches.

    Args:
        origin: ID of the origin.
        domain_name: host name of the requests to it.
        vpc_origin_id: ID of the VPC origin, which knows the server and its port.
    """
    return {
        "origin_id": origin,
        "domain_name": domain_name,
        "vpc_origin_config": {"vpc_origin_id": vpc_origin_id},
    }


def behavior(
    origin: str,
    path_pattern: str = "*",
    *,
    headers_policy_id: pulumi.Input[str],
    methods: Sequence[str] = READ,
    compress: bool = True,
    cache_policy_id: pulumi.Input[str] = CACHING_OPTIMIZED,
    origin_request_policy_id: Optional[pulumi.Input[str]] = None,
    viewer_request_function_arn: Optional[pulumi.Input[str]] = None,
    edge_function_arns: Optional[Mapping[str, pulumi.Input[str]]] = None,
    key_group_ids: Sequence[pulumi.Input[str]] = (),
) -> dict[str, Any]:
    """Return the cache behavior of a path pattern.

    Args:
        origin: ID of the origin.
        path_pattern: paths of the requests: `/img/*`.
        headers_policy_id: ID of the response headers policy.
        methods: allowed HTTP methods.
        compress: whether text is compressed, if the cache policy accepts it.
        cache_policy_id: ID of the cache policy.
        origin_request_policy_id: ID of the origin request policy.
        viewer_request_function_arn: ARN of a CloudFront Function that gets each request first.
        edge_function_arns: ARNs of versions of Lambda@Edge functions by event: `origin-request`.
        key_group_ids: IDs of the key groups whose keys sign the URLs or cookies; empty for public
            content.
    """
    viewer_arn, edge_arns = viewer_request_function_arn, edge_function_arns or {}
    functions = [{"event_type": "viewer-request", "function_arn": viewer_arn}] if viewer_arn else []
    lambdas = [{"event_type": event, "lambda_arn": arn} for event, arn in edge_arns.items()]
    return {
        "path_pattern": path_pattern,
        "target_origin_id": origin,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": list(methods),
        "cached_methods": list(READ),
        "compress": compress,
        "cache_policy_id": cache_policy_id,
        "origin_request_policy_id": origin_request_policy_id,
        "response_headers_policy_id": headers_policy_id,
        "function_associations": functions,
        "lambda_function_associations": lambdas,
        "trusted_key_groups": list(key_group_ids),
    }


def _countries(
    args: DistributionArgs,
) -> aws.cloudfront.DistributionRestrictionsGeoRestrictionArgsDict:
    for key, kind in (("allowed_countries", "whitelist"), ("blocked_countries", "blacklist")):
        countries: Any = args.get(key)
        if countries:
            return {"restriction_type": kind, "locations": list(countries)}
    return {"restriction_type": "none"}


def _certificate(
    arn: Optional[pulumi.Output[str]],
) -> aws.cloudfront.DistributionViewerCertificateArgsDict:
    if arn is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": arn,
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": "TLSv1.2_2021",
    }
