"""The bucket of the content, and the distribution that serves it with a signature only."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import origin_statement
from .._blocks.arguments import Problems, declare
from .._blocks.bucket import Bucket
from .._blocks.distribution import (
    Distribution,
    DistributionArgs,
    behavior,
    bucket_access,
    bucket_origin,
)
from .._blocks.web_origin import HTTPS_ORIGIN

DOWNLOAD_NAME = "response-content-disposition"
"""The query parameter that is forwarded to S3; the signature of the URL covers it."""


class ContentArgs(TypedDict):
    """Where the content is."""

    bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of your own bucket. Add the output `content_policy_statement` to its policy. Default: a
    new bucket."""
    url: NotRequired[pulumi.Input[str]]
    """URL of your own distribution: `https://cdn.example.com`. Each of its behaviors must trust the
    output `key_group_id`. Default: a new distribution."""
    distribution_id: NotRequired[pulumi.Input[str]]
    """ID of the distribution at `url`, for its alarm. Default: no alarm."""


def _check(problems: Problems, path: str, args: ContentArgs) -> None:
    own = "url" in args
    both = own and "bucket_arn" in args
    problems.unless(not both, f"{path}.bucket_arn", f"has no effect with `{path}.url`")
    valid = own or "distribution_id" not in args
    problems.unless(valid, f"{path}.distribution_id", f"requires `{path}.url`")


declare(
    ContentArgs,
    limits={"url": HTTPS_ORIGIN},
    check=_check,
)


class Content:
    """Bucket and distribution of the content. Adds no level to the URN.

    Args:
        name: name of the component.
        args: see `ContentArgs`.
        distribution: settings of a new distribution.
        key_group_id: ID of the key group whose keys sign.
        parent: the component it belongs to.
        allowed_origins: origins whose pages can read the content, with cookies.
        retain: refuse to delete a bucket that is not empty.
    """

    def __init__(
        self,
        name: str,
        args: ContentArgs,
        distribution: DistributionArgs,
        key_group_id: pulumi.Output[str],
        *,
        parent: pulumi.Resource,
        allowed_origins: Sequence[pulumi.Input[str]],
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
            f"{name}-content",
            parent=parent,
            retain=retain,
            versioned=retain,
            has_policy=False,
            adopt=adopted,
        )
        access = bucket_access(name, parent=parent)
        served = Distribution(
            name,
            parent=parent,
            origins=[bucket_origin("content", self._domain_name(bucket, adopted), access)],
            behaviors=[
                behavior(
                    "content",
                    headers_policy_id=self._create_headers_policy(allowed_origins).id,
                    cache_policy_id=self._create_cache_policy().id,
                    key_group_ids=[key_group_id],
                )
            ],
            args=distribution,
            ipv6=False,  # links that are restricted to an IPv4 address would fail over IPv6
        )
        if adopted is None:
            bucket.create_policy("", ["s3:GetObject"], served.arn)
        else:
            self.policy_statement = origin_statement(bucket.arn, served.arn)
        self.bucket_name, self.url = bucket.bucket_name, served.url
        self.distribution_id = served.id

    def _domain_name(
        self, bucket: Bucket, adopted: Optional[pulumi.Input[str]]
    ) -> pulumi.Output[str]:
        """Return the bucket's regional domain name, looked up for the caller's own bucket."""
        if adopted is None:
            return bucket.domain_name
        return aws.s3.get_bucket_output(
            bucket=bucket.bucket_name, opts=pulumi.InvokeOutputOptions(parent=self._opts.parent)
        ).bucket_regional_domain_name

    def _create_cache_policy(self) -> aws.cloudfront.CachePolicy:
        """CloudFront removes the signature first, so that all users share a cached object."""
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
        self, allowed_origins: Sequence[pulumi.Input[str]]
    ) -> aws.cloudfront.ResponseHeadersPolicy:
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-headers",
            cors_config={
                "access_control_allow_credentials": True,
                "access_control_allow_headers": {"items": ["Range"]},
                "access_control_allow_methods": {"items": ["GET", "HEAD"]},
                "access_control_allow_origins": {"items": list(allowed_origins)},
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
