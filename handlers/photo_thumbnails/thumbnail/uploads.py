"""Uploads: the original photos."""

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
    """One upload whose content was not read yet."""

    key: str
    etag: str
    size: int
    uploaded_at: datetime
    _body: "StreamingBody"

    def read(self) -> bytes:
        """Its content."""
        return self._body.read()

    def version(self, settings_digest: str) -> str:
        """Names this content and how it is made into thumbnails."""
        return hashlib.sha256(f"{self.etag} {settings_digest}".encode()).hexdigest()[:16]

    def close(self) -> None:
        """Leave its content where it is."""
        self._body.close()


class Uploads:
    """Uploads of one bucket."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def open(self, key: str) -> Upload | None:
        """The upload as it is now; None when it is gone."""
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
        """Whether the upload is still this one, or still gone when there is no `etag`."""
        try:
            now: str | None = self._client.head_object(Bucket=self._bucket, Key=key)["ETag"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            now = None
        return now == etag
