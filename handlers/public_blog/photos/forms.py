"""Signs forms with which a browser uploads a photo to the uploads bucket."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from api import Members, Refusal, Request, Response, utc_text
from photo_names import photo_id

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""The media types that the thumbnail function accepts."""
_SECONDS = 300


class Forms:
    """Signs forms for one bucket."""

    def __init__(self, bucket: str, prefix: str, max_bytes: int, signer: "S3Client") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._signer = signer

    def create(self, request: Request) -> Response:
        """Sign a form for one photo, under a unique key.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        content_type = read_content_type(request)
        key = self._prefix + secrets.token_hex(16)
        ends = datetime.now(UTC) + timedelta(seconds=_SECONDS)
        fields = {"Content-Type": content_type}
        signed = self._signer.generate_presigned_post(
            self._bucket,
            key,
            Fields=fields,
            Conditions=[fields, ["content-length-range", 1, self._max_bytes]],
            ExpiresIn=_SECONDS,
        )
        form = {
            "photoId": photo_id(key),
            "url": signed["url"],
            "fields": signed["fields"],
            "maxBytes": self._max_bytes,
            "expiresAt": utc_text(ends),
        }
        return Response(201, form)


def read_content_type(request: Request) -> str:
    """Return the media type of the photo to upload."""
    name = "contentType"
    given = Members(request.body(), (name,)).text(name, 127)
    if given not in MEDIA_TYPES:
        raise Refusal(400, name, "must be one of " + ", ".join(MEDIA_TYPES))
    return given
