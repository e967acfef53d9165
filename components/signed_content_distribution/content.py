"""Content: a private bucket behind a distribution that serves nothing without a signature."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import origin_statement
from .._blocks.bucket import Bucket
from .._blocks.distribution import (
    Distribution,
    DistributionArgs,
    behavior,
    bucket_access,
    bucket_origin,
    check_edge,
)
from .._blocks.validate import Problems

DOWNLOAD_NAME = "response-content-disposition"
"""The query parameter that reaches S3; signed as part of the URL."""


class ContentArgs(TypedDict):
    bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own bucket, whose policy must then have the statement that the output
    `content_policy_statement` gives. Default: a new one."""
    url: NotRequired[pulumi.Input[str]]
    """Address of the caller's own distribution, `https://cdn.example.com`; each of its behaviors
    must then trust the output `key_group_id`. Default: a new one."""
    distribution_id: NotRequired[pulumi.Input[str]]
    """ID of that distribution, for its alarm. Default: no alarm."""


class Content:
    """Where the content is. Adds no level to the URN.

    Args:
        name: name of the component.
        args: see `ContentArgs`.
        distribution: see `DistributionArgs`.
        key_group_id: whose keys open it.
        parent: the component it belongs to.
        origins: web origins whose pages may read it, with cookies.
        retain: keep the objects when the stack is destroyed.
    """

    def __init__(
        self,
        name: str,
        args: ContentArgs,
        distribution: DistributionArgs,
        key_group_id: pulumi.Output[str],
        *,
        parent: pulumi.Resource,
        origins: Sequence[str],
        retain: bool,
    ) -> None:
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=parent)
        none = pulumi.Output.from_input("")
        self.bucket_name, self.policy_statement = none, none
        self.distribution_id: Optional[pulumi.Output[str]] = None
        if "url" in args:
            self.url = pulumi.Output.from_input(args["url"])
            if "distribution_id" in args:
                self.distribution_id = pulumi.Output.from_input(args["distribution_id"])
            return
        adopted = args.get("bucket_arn")
        bucket = Bucket(
            f"{name}-content", parent=parent, retain=retain, has_policy=False, adopt=adopted
        )
        access = bucket_access(name, parent=parent)
        served = Distribution(
            name,
            parent=parent,
            origins=[bucket_origin("content", _domain_name(bucket, adopted), access)],
            behaviors=[
                behavior(
                    "content",
                    headers_policy_id=self._create_headers_policy(origins).id,
                    cache_policy_id=self._create_cache_policy().id,
                    key_group_ids=[key_group_id],
                )
            ],
            args=distribution,
            ipv6=False,  # a link that is bound to an IPv4 address would fail over IPv6
        )
        if adopted is None:
            bucket.create_policy("", ["s3:GetObject"], served.arn)
        else:
            self.policy_statement = origin_statement(bucket.arn, served.arn)
        self.bucket_name, self.url = bucket.bucket_name, served.url
        self.distribution_id = served.id

    def _create_cache_policy(self) -> aws.cloudfront.CachePolicy:
        """One object for all who may see it: CloudFront takes the signature out before."""
        return aws.cloudfront.CachePolicy(
            f"{self._name}-cache",
            min_ttl=0,
            default_ttl=24 * 3600,
            max_ttl=365 * 24 * 3600,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "none"},
                "query_strings_config": {
                    "query_string_behavior": "whitelist",
                    "query_strings": {"items": [DOWNLOAD_NAME]},
                },
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
            },
            opts=self._opts,
        )

    def _create_headers_policy(
        self, origins: Sequence[str]
    ) -> aws.cloudfront.ResponseHeadersPolicy:
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            cors_config={
                "access_control_allow_credentials": True,
                "access_control_allow_headers": {"items": ["Range"]},
                "access_control_allow_methods": {"items": ["GET", "HEAD"]},
                "access_control_allow_origins": {"items": list(origins)},
                "access_control_expose_headers": {"items": ["Content-Range", "ETag"]},
                "origin_override": True,
            },
            security_headers_config={
                "content_type_options": {"override": True},
                "strict_transport_security": {
                    "access_control_max_age_sec": 365 * 24 * 3600,
                    "override": True,
                },
            },
            opts=self._opts,
        )


def _domain_name(bucket: Bucket, adopted: Optional[pulumi.Input[str]]) -> pulumi.Output[str]:
    """The bucket's address in its own region, which is looked up for a caller's own."""
    if adopted is None:
        return bucket.domain_name
    return aws.s3.get_bucket_output(bucket=bucket.bucket_name).bucket_regional_domain_name


def check_content(
    problems: Problems, args: ContentArgs, distribution: Optional[DistributionArgs]
) -> None:
    """Check the `content` and `distribution` arguments of a component."""
    problems.unknown(args, ContentArgs.__annotations__)
    url = args.get("url", "https://")
    fine = not isinstance(url, str) or (url.startswith("https://") and url.count("/") == 2)
    problems.that(fine, "content.url", f"'{url}' is not https://host, without a path")
    new = "url" not in args
    problems.that(new or "bucket_arn" not in args, "content.bucket_arn", "is not used beside url")
    problems.that(
        new or not distribution,
        "distribution",
        "is that of a new distribution; leave out content.url",
    )
    have = "distribution_id" not in args or not new
    problems.that(have, "content.url", "needed beside distribution_id")
    check_edge(problems, distribution)
