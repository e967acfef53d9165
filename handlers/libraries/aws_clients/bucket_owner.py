"""S3 clients whose calls fail if a bucket belongs to another account.

The name of a deleted bucket can be taken by anybody, who would then receive files, or serve them.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from types_boto3_s3 import S3Client

_MEMBER = "ExpectedBucketOwner"
_VARIABLE = "BUCKET_OWNER"
"""Account of the function's buckets. Without it, buckets of any account are accepted."""


def s3_client(config: Config) -> "S3Client":
    """Return an S3 client that expects all buckets in the account of the function.

    Signed URLs and forms are not changed: their senders would have to send the condition too.
    """
    client = boto3.client("s3", config=config)
    owner = os.environ.get(_VARIABLE)
    if owner:
        # The type of handlers says that they return nothing; the result of this event is used.
        expect: Callable[..., Any] = partial(_expect, owner)
        client.meta.events.register("provide-client-params.s3", expect)
    return client


def _expect(
    owner: str, params: dict[str, Any], model: "OperationModel", context: Any, **_: Any
) -> dict[str, Any] | None:
    """Add the owner to the parameters of a call."""
    takes_owner = model.input_shape is not None and _MEMBER in model.input_shape.members
    if not takes_owner or context.get("is_presign_request"):
        return None
    return {_MEMBER: owner, **params}
