"""SiteUploads: PUT through the edge into private buckets, for those who have a signed URL."""

from collections.abc import Mapping
from typing import Any, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.distribution import CACHING_DISABLED, WRITE, behavior
from .._blocks.validate import Problems

# "HTTP request headers and CloudFront behavior" in the CloudFront developer guide has both among
# those that can be passed on. None of S3's own (`x-amz-copy-source`, `x-amz-tagging`) is.
_HEADERS = ("Content-MD5", "Content-Type")


class SiteUploadsArgs(TypedDict):
    bucket_domain_name: pulumi.Input[str]
    """Regional domain name of a private bucket: `photos.uploads_bucket_domain_name`. Its policy
    must let `distribution_arn` do `s3:PutObject` and nothing else: CloudFront has no set of methods
    with PUT and without DELETE."""
    key_group_id: pulumi.Input[str]
    """ID of the CloudFront key group of which one key must have signed the URL or cookies."""


def uploads_behaviors(
    name: str,
    uploads: Mapping[str, SiteUploadsArgs],
    headers_policy_id: pulumi.Input[str],
    *,
    parent: pulumi.Resource,
) -> list[dict[str, Any]]:
    """How writes are served: kept nowhere, and for nobody without a signature.

    Args:
        name: name of the component.
        uploads: by the origin, which is the first part of its keys too.
        headers_policy_id: of the headers that are put on every answer.
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
    """What the bucket is told: no query, so that a PUT is one object and nothing else."""
    policy = aws.cloudfront.OriginRequestPolicy(
        f"{name}-uploads",
        cookies_config={"cookie_behavior": "none"},
        headers_config={"header_behavior": "whitelist", "headers": {"items": list(_HEADERS)}},
        query_strings_config={"query_string_behavior": "none"},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.id


def check_uploads(problems: Problems, uploads: Mapping[str, SiteUploadsArgs]) -> None:
    """Check the `uploads` argument of a component."""
    for prefix, args in uploads.items():
        where = f"uploads.{prefix}"
        problems.unknown(args, SiteUploadsArgs.__annotations__)
        for key, missing in (
            ("bucket_domain_name", "give the bucket's regional domain name"),
            ("key_group_id", "without a key group the whole world could write; give its ID"),
        ):
            given: object = args.get(key)
            problems.that(
                given is not None and given != "", f"{where}.{key}", f"is missing; {missing}"
            )
