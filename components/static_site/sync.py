"""Uploads of a site's files, and the invalidation of what has changed."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.distribution import Distribution
from .._blocks.function import Function, FunctionsArgs
from .content import SiteFile
from .encoding import decoded, encoded


def upload(
    name: str, bucket: Bucket, files: Sequence[SiteFile], *, parent: pulumi.Resource
) -> dict[str, aws.s3.BucketObjectv2]:
    """Create an object for each file, so that a preview shows each change; pages come last.

    Pulumi deletes the objects of removed files at the end. If an update fails midway, old pages
    still have all files that they refer to. The last file that is not a page waits for the others,
    and all pages wait for it alone: the state would otherwise grow by pages times other files.

    Args:
        name: prefix of the resources' names.
        bucket: bucket of the objects.
        files: see `site_files`.
        parent: the component they belong to.

    Returns:
        The objects by key.
    """
    objects: dict[str, aws.s3.BucketObjectv2] = {}

    def add(some: Sequence[SiteFile], previous: Sequence[pulumi.Resource]) -> None:
        for file in some:
            objects[file.key] = aws.s3.BucketObjectv2(
                f"{name}-{file.key}",
                bucket=bucket.bucket_name,
                key=file.key,
                source=file.asset,
                content_type=file.media_type,
                cache_control=file.cache_control,
                opts=pulumi.ResourceOptions(parent=parent, depends_on=previous),
            )

    versioning = [bucket.versioning] if bucket.versioning else []
    others = [each for each in files if not each.is_page]
    add(others[:-1], versioning)
    add(others[-1:], [*versioning, *objects.values()])
    last = [objects[each.key] for each in others[-1:]]
    add([each for each in files if each.is_page], [*versioning, *last])
    return objects


def invalidate(
    name: str,
    distribution: Distribution,
    files: Sequence[SiteFile],
    objects: Mapping[str, aws.s3.BucketObjectv2],
    routes: Mapping[str, str],
    *,
    parent: pulumi.Resource,
    settings: FunctionsArgs,
    alarms: Alarms,
    depends_on: Sequence[pulumi.Resource],
) -> None:
    """Invalidate changed files by a function that compares their old and new states.

    Pulumi has no resource for an invalidation, and a preview must not create one. A state is a
    digest, which a preview knows, and the version of the object, which no other upload has: content
    that returns, or that only a failed deployment had replaced, is therefore a change.

    Args:
        name: prefix of the resources' names.
        distribution: the distribution that caches the files.
        files: see `site_files`; those with a digest in their names never change.
        objects: their objects by key; see `upload`.
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
    states = {
        encoded(file.key): pulumi.Output.concat(file.digest[:16], " ", objects[file.key].version_id)
        for file in files
        if not file.is_hashed
    }
    aws.lambda_.Invocation(
        f"{name}-invalidation",
        function_name=function.function_name,
        input=pulumi.Output.json_dumps(
            {
                "distribution": distribution.id,
                "files": states,
                "routes": {
                    encoded(decoded(path.removesuffix("*"))) + "*": encoded(decoded(page))
                    for path, page in routes.items()
                },
            },
            sort_keys=True,
        ),
        lifecycle_scope="CRUD",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=depends_on),
    )
