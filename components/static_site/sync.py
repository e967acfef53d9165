"""SiteSync: uploads what changed, in an order in which no page names what is not there."""

from collections.abc import Sequence

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
    """One object for each file, so that a preview shows each change; pages after all else.

    A file that is gone is deleted when all else is done, as Pulumi deletes last: a sync that fails
    on its way leaves old pages with all that they name.

    Args:
        name: prefix of the objects' names.
        bucket: where they go.
        files: see `site_files`.
        parent: the component they belong to.
    """
    made: list[pulumi.Resource] = []
    for pages in (False, True):
        after = list(made)
        made += [
            aws.s3.BucketObjectv2(
                f"{name}-{file.key}",
                bucket=bucket.bucket_name,
                key=file.key,
                source=file.asset,
                content_type=file.media_type,
                cache_control=file.cache_control,
                opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
            )
            for file in files
            if file.is_page == pages
        ]
    return made


def invalidate(
    name: str,
    distribution: Distribution,
    files: Sequence[SiteFile],
    *,
    parent: pulumi.Resource,
    settings: FunctionsArgs,
    alarms: Alarms,
    after: Sequence[pulumi.Resource],
) -> None:
    """Make the edge forget what changed, by a function that gets the digests before and now.

    Pulumi has no resource for an invalidation, and the program that previews must not do it.

    Args:
        name: prefix of the function's name.
        distribution: what forgets.
        files: see `site_files`; those with a digest in their names never change.
        parent: the component it belongs to.
        settings: see `FunctionsArgs`.
        alarms: where the function's alarms are made.
        after: what must be there first.
    """
    function = Function(
        f"{name}-invalidate",
        "static_site/invalidate",
        parent=parent,
        settings=settings,
        alarms=alarms,
        libraries=("aws_clients",),
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
            {"distribution": distribution.id, "files": digests}, sort_keys=True
        ),
        lifecycle_scope="CRUD",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
    )
