"""Direct writes of users to their folders, and the function that enforces their limits."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, declare
from .._blocks.bucket import Bucket
from .._blocks.bucket_notification import CREATED, create_bucket_notification
from .._blocks.function import Function, FunctionsArgs
from .._blocks.queue import Queue
from .._blocks.queue_mapping import create_queue_mapping

_TIMEOUT = 60


class DirectWritesArgs(TypedDict):
    """Limits of files that users write with their own credentials.

    S3 checks no limits of such writes. A function deletes what is beyond them, usually within
    seconds. They apply to every file of a folder, however it was written.
    """

    allowed_media_types: Sequence[str]
    """Media types that a file may have, without parameters: `["image/jpeg", "image/png"]`. The
    user names the type; the content is not inspected."""
    max_file_bytes: NotRequired[int]
    """Maximum size of a file, 1 to 5368709120 bytes. Default: 10485760 (10 MiB)."""
    max_folder_bytes: NotRequired[int]
    """Maximum size of all files of a user, 1 to 1099511627776 bytes. Overwritten and deleted files
    count as long as a versioned bucket stores them. Default: 1073741824 (1 GiB)."""
    max_files: NotRequired[int]
    """Maximum number of files of a user, 1 to 10000, counted in the same way. Default: 1000."""


declare(
    DirectWritesArgs,
    defaults={
        "max_file_bytes": 10 * 1024**2,
        "max_folder_bytes": 1024**3,
        "max_files": 1000,
    },
    limits={
        "allowed_media_types": Matches(
            r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", "a media type such as 'image/jpeg'"
        ),
        "max_file_bytes": Between(1, 5 * 1024**3, "bytes"),
        "max_folder_bytes": Between(1, 1024**4, "bytes"),
        "max_files": Between(1, 10_000, "files"),
    },
)


def create_folder_limits(
    name: str,
    args: DirectWritesArgs,
    bucket: Bucket,
    prefix: str,
    *,
    parent: pulumi.Resource,
    settings: FunctionsArgs,
    alarms: Alarms,
) -> None:
    """Create the function that enforces the limits: bucket -> queue -> function.

    Args:
        name: name of the component.
        args: see `DirectWritesArgs`.
        bucket: the bucket of the folders, which the component has created.
        prefix: prefix of all folders.
        parent: the component they belong to.
        settings: settings of the function.
        alarms: creates the alarms.
    """
    limits = f"{name}-folder-limits"
    queue = Queue(f"{limits}-queue", parent=parent, visibility_timeout=6 * _TIMEOUT)
    access: AccessArgs = {
        "environment": {
            "FILES_BUCKET": bucket.bucket_name,
            "ALLOWED_MEDIA_TYPES": ",".join(args["allowed_media_types"]),
            "MAX_FILE_BYTES": str(args["max_file_bytes"]),
            "MAX_FOLDER_BYTES": str(args["max_folder_bytes"]),
            "MAX_FILES": str(args["max_files"]),
        },
        "statements": [
            queue.grant_receive(),
            {
                "actions": [
                    "s3:DeleteObject",
                    "s3:DeleteObjectVersion",
                    "s3:GetObject",
                    "s3:GetObjectVersion",
                ],
                "resources": [pulumi.Output.concat(bucket.arn, "/", prefix, "*")],
            },
            {
                "actions": ["s3:ListBucketVersions"],
                "resources": [bucket.arn],
                "condition": {"StringLike": {"s3:prefix": [f"{prefix}*"]}},
            },
        ],
    }
    function = Function(
        limits,
        "serverless_api/folder_limits",
        parent=parent,
        settings=settings,
        alarms=alarms,
        access=[access],
        timeout=_TIMEOUT,
    )
    create_queue_mapping(
        f"{limits}-mapping", function, queue, parent=parent, batch_size=10, max_concurrency=None
    )
    create_bucket_notification(
        limits,
        bucket,
        [{"queue_arn": queue.arn, "events": [CREATED], "prefix": prefix, "suffix": ""}],
        parent=parent,
        eventbridge=False,
        depends_on=[queue.create_policy(bucket_arn=bucket.arn)],
    )
    alarms.above(
        "folder-limits-dead-letters",
        0,
        "AWS/SQS/ApproximateNumberOfMessagesVisible",
        {"QueueName": queue.dead_letters.queue_name},
        statistic="Maximum",
        entry="dead-letters",
        meaning="Files of users wait for a check of their limits that failed again and again.",
    )
