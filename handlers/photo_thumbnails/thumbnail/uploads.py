"""Reads uploads, the original photos."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import TagTypeDef

APPROVAL: "TagTypeDef" = {"Key": "review", "Value": "approved"}
"""The tag of an upload that may be published."""
_GONE = ("404", "NoSuchKey")


@dataclass(frozen=True)
class Upload:
    """An open upload, whose content is not read yet."""

    key: str
    etag: str
    size: int
    uploaded_at: datetime
    is_approved: bool
    """Whether it may be published; always, if no approval is needed."""
    _body: "StreamingBody"

    def read(self) -> bytes:
        """Read the content."""
        return self._body.read()

    def version(self, settings_digest: str) -> str:
        """Return an ID of this content and of the settings of its thumbnails."""
        return hashlib.sha256(f"{self.etag} {settings_digest}".encode()).hexdigest()[:16]

    def close(self) -> None:
        """Close the connection without reading the content."""
        self._body.close()


class Uploads:
    """Uploads of one bucket.

    Args:
        bucket: name of the bucket.
        needs_approval: whether uploads are published only with the tag `review=approved`. Who
            uploads cannot set it: S3 refuses fields that a signed form does not have, and tags
            without the permission `s3:PutObjectTagging`.
        client: Amazon S3.
    """

    def __init__(self, bucket: str, needs_approval: bool, client: "S3Client") -> None:
        self._bucket = bucket
        self._needs_approval = needs_approval
        self._client = client

    def open(self, key: str) -> Upload | None:
        """Open the current version of an upload; None if it was deleted."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        # After the content: an approval is never taken for content that replaced it.
        is_approved = self._is_approved(key)
        return Upload(
            key,
            answer["ETag"],
            answer["ContentLength"],
            answer["LastModified"],
            is_approved,
            answer["Body"],
        )

    def is_current(self, key: str, upload: Upload | None) -> bool:
        """Tell whether an upload is unchanged, or is still deleted if it is None."""
        try:
            etag: str | None = self._client.head_object(Bucket=self._bucket, Key=key)["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            etag = None
        if upload is None or upload.etag != etag:
            return upload is None and etag is None
        return upload.is_approved == self._is_approved(key)

    def _is_approved(self, key: str) -> bool:
        if not self._needs_approval:
            return True
        try:
            answer = self._client.get_object_tagging(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return APPROVAL in answer["TagSet"]
