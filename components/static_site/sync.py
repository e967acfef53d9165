"""Uploads of a site's files, and the invalidation of what has changed."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.distribution import Distribution
from .._blocks.function import Function, FunctionsArgs
from .content import SiteFile


def upload(
    name: str, bucket: Bucket, files: Sequence[SiteFile], *, parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Create an object for each file, so that a preview shows each change; pages come last.

    Pulumi deletes the objects of removed files at the end. If an update fails midway, old pages
    still have all files that they refer to.

    Args:
        name: prefix of the resources' names.
        bucket: bucket of the objects.
        files: see `site_files`.
        parent: the component they belong to.
    """
    objects: list[pulumi.Resource] = []
    for pages in (False, True):
        previous = list(objects)
        objects += [
            aws.s3.BucketObjectv2(
                f"{name}-{file.key}",
                bucket=bucket.bucket_name,
                key=file.key,
                source=file.asset,
                content_type=file.media_type,
                cache_control=file.cache_control,
                opts=pulumi.ResourceOptions(parent=parent, depends_on=previous),
            )
            for file in files
            if file.is_page == pages
        ]
    return objects


def invalidate(
    name: str,
    distribution: Distribution,
    files: Sequence[SiteFile],
    routes: Mapping[str, str],
    *,
    parent: pulumi.Resource,
    settings: FunctionsArgs,
    alarms: Alarms,
    depends_on: Sequence[pulumi.Resource],
) -> None:
    """Invalidate changed files by a function that compares their old and new digests.

    Pulumi has no resource for an invalidation, and a preview must not create one.

    Args:
        name: prefix of the resources' names.
        distribution: the distribution that caches the files.
        files: see `site_files`; those with a digest in their names never change.
        routes: pages that are served for whole folders of paths.
        parent: the component it belongs to.
        settings: see `FunctionsArgs`.
        alarms: creates the function's alarms.
        depends_on: resources to create first.
    """
    function = Function(
        f"{name}-invalidate",
        "static_site/invalidate",
        parent=parent,
        settings=settings,
        alarms=alarms,
        access=[
            {
                "statements": [
                    {
                        "actions": ["cloudfront:CreateInvalidation"],
                        "resources": [distribution.arn],
                    }
                ]
            }
        ],
        timeout=60,
        memory=128,
    )
    digests = {file.key: file.digest[:16] for file in files if not file.is_hashed}
    aws.lambda_.Invocation(
        f"{name}-invalidation",
        function_name=function.function_name,
        input=pulumi.Output.json_dumps(
            {"distribution": distribution.id, "files": digests, "routes": dict(routes)},
            sort_keys=True,
        ),
        lifecycle_scope="CRUD",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=depends_on),
    )
