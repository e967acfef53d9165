"""Lists photos, newest first, and reads the state of a photo."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api import Refusal, Request, Response, bad_token, utc_text
from photo_names import GALLERY, MEDIA_TYPES, Entry, fit
from photo_names.state import read_state

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_PHOTO = re.compile(r"[0-9a-f]{32}")
_SHORTLY = "public, max-age=10"
"""All requests within ten seconds get the same cached response."""


class Gallery:
    """Reads one bucket of thumbnails."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._client = client

    def list(self, request: Request) -> Response:
        """Read a page with one call, as the names of entries contain all data."""
        after = request.query("next")
        if after is not None and Entry.parse(after) is None:
            raise bad_token()
        answer = self._client.list_objects_v2(
            Bucket=self._bucket,
            Prefix=GALLERY,
            MaxKeys=request.limit(),
            StartAfter=GALLERY + (after or ""),
        )
        names = [each["Key"].removeprefix(GALLERY) for each in answer.get("Contents", [])]
        entries = [entry for entry in map(Entry.parse, names) if entry]
        page: dict[str, Any] = {"items": [self._photo(entry) for entry in entries]}
        if answer["IsTruncated"] and names:
            page["next"] = names[-1]
        return Response(200, page, {"Cache-Control": _SHORTLY})

    def get(self, request: Request) -> Response:
        """Read the state of one photo."""
        photo = request.parameter("photoId")
        if not _PHOTO.fullmatch(photo):
            raise Refusal(400, "photoId", "must be 32 hexadecimal digits")
        state = read_state(self._client, self._bucket, photo)
        if state is None or state["status"] == "held":
            return Response(200, {"photoId": photo, "status": "waiting"})
        entry = Entry.parse(state.get("entry", ""))
        if entry is not None:
            return Response(200, {"photoId": photo, "status": "ready", "photo": self._photo(entry)})
        why = {name: state[name] for name in ("code", "message")}
        return Response(200, {"photoId": photo, "status": "failed", **why})

    def _photo(self, entry: Entry) -> dict[str, Any]:
        return {
            "photoId": entry.photo,
            "uploadedAt": utc_text(datetime.fromtimestamp(entry.uploaded_ms / 1000, UTC)),
            "width": entry.width,
            "height": entry.height,
            "thumbnails": [
                self._thumbnail(entry, size, ending)
                for size in entry.sizes
                for ending in entry.formats
            ],
        }

    def _thumbnail(self, entry: Entry, size: int, ending: str) -> dict[str, Any]:
        width, height = fit(entry.width, entry.height, size)
        return {
            "path": f"/{self._prefix}{entry.path(size, ending)}",
            "type": MEDIA_TYPES[ending],
            "width": width,
            "height": height,
        }
