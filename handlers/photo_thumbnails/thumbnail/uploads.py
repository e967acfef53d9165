"""Reads uploads, the original photos."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client

_GONE = ("404", "NoSuchKey")


@dataclass(frozen=True)
class Upload:
    """An open upload, whose content is not read yet."""

    key: str
    etag: str
    size: int
    uploaded_at: datetime
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
    """Uploads of one bucket."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def open(self, key: str) -> Upload | None:
        """Open the current version of an upload; None if it was deleted."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        return Upload(
            key, answer["ETag"], answer["ContentLength"], answer["LastModified"], answer["Body"]
        )

    def is_current(self, key: str, etag: str | None) -> bool:
        """Tell whether an upload still has this ETag, or is still deleted if `etag` is None."""
        try:
            now: str | None = self._client.head_object(Bucket=self._bucket, Key=key)["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            now = None
        return now == etag
