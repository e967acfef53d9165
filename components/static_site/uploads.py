"""Uploads to private buckets through CloudFront by signed PUT requests."""

from collections.abc import Mapping
from typing import Any, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Matches, declare
from .._blocks.distribution import CACHING_DISABLED, WRITE, behavior
from .._blocks.domain_name import DOMAIN_NAME

# "HTTP request headers and CloudFront behavior" in the CloudFront developer guide lists both as
# headers that can be forwarded. No header of S3's own (`x-amz-copy-source`, `x-amz-tagging`) is.
_HEADERS = ("Content-MD5", "Content-Type")


class SiteUploadsArgs(TypedDict):
    """A private bucket that accepts PUT requests by signed URLs."""

    bucket_domain_name: pulumi.Input[str]
    """Regional domain name of a private bucket: `photos.uploads_bucket_domain_name`. Its policy
    must allow `distribution_arn` only `s3:PutObject`: CloudFront has no set of methods with PUT and
    without DELETE."""
    key_group_id: pulumi.Input[str]
    """ID of the CloudFront key group whose keys sign the URLs or cookies."""


declare(
    SiteUploadsArgs,
    limits={
        "bucket_domain_name": DOMAIN_NAME,
        "key_group_id": Matches(".+", "the ID of a key group, without which anyone could write"),
    },
)


def uploads_behaviors(
    name: str,
    uploads: Mapping[str, SiteUploadsArgs],
    headers_policy_id: pulumi.Input[str],
    *,
    parent: pulumi.Resource,
) -> list[dict[str, Any]]:
    """Return the behaviors of uploads: not cached, and only with a signature.

    Args:
        name: name of the component.
        uploads: buckets by the ID of their origin, which is also the first segment of their keys.
        headers_policy_id: ID of the response headers policy.
        parent: the component they belong to.
    """
    if not uploads:
        return []
    policy_id = _create_policy(name, parent)
    return [
        behavior(
            prefix,
            f"/{prefix}/*",
            headers_policy_id=headers_policy_id,
            methods=WRITE,
            cache_policy_id=CACHING_DISABLED,
            origin_request_policy_id=policy_id,
            key_group_ids=[args["key_group_id"]],
        )
        for prefix, args in uploads.items()
    ]


def _create_policy(name: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The origin request policy. Without the query string, a PUT can only write one object."""
    policy = aws.cloudfront.OriginRequestPolicy(
        f"{name}-uploads",
        cookies_config={"cookie_behavior": "none"},
        headers_config={"header_behavior": "whitelist", "headers": {"items": list(_HEADERS)}},
        query_strings_config={"query_string_behavior": "none"},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.id
