"""Stores the thumbnails and the state of each photo.

The state of a photo is written last, so that the next run repeats an incomplete one.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from photo_names import ATTEMPTS, FAILURES, GALLERY, MEDIA_TYPES, PHOTOS, Entry, photo_id
from photo_names.state import State, read_json, read_state

from .failure import Failure
from .picture import Rendition

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_FOR_EVER = "public, max-age=31536000, immutable"
"""The name of a rendition contains its version, so the content never changes."""


class Images:
    """Thumbnails and states of one bucket."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._client = client

    def state(self, photo: str) -> State | None:
        """Return the state of a photo; None if it was not processed yet."""
        return read_state(self._client, self._bucket, photo)

    def attempts(self, photo: str, version: str) -> int:
        """Return the number of counted attempts to convert a version of a photo."""
        counted = read_json(self._client, self._bucket, f"{ATTEMPTS}{photo}.json")
        return int(counted["attempts"]) if counted and counted["version"] == version else 0

    def put_attempts(self, photo: str, version: str, attempts: int) -> None:
        """Store the number of counted attempts."""
        content = json.dumps({"version": version, "attempts": attempts}).encode()
        self._put(f"{ATTEMPTS}{photo}.json", content, "application/json")

    def put(self, entry: Entry, renditions: Iterable[Rendition]) -> None:
        """Store the thumbnails of a photo. Uploads run while the next thumbnails are encoded."""
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(self._put_one, entry, each) for each in renditions]
        for each in sent:
            each.result()

    def settle_ready(self, key: str, entry: Entry, labels: list[str], before: State | None) -> None:
        """Record that the thumbnails are ready, and delete those of the previous version."""
        self._put(GALLERY + entry.name, b"")
        self._settle(key, {"status": "ready", "entry": entry.name, "labels": labels}, entry.version)
        self._delete([f"{FAILURES}{entry.photo}.json", f"{ATTEMPTS}{entry.photo}.json"])
        self._delete_entry(before, but=entry.name)

    def settle_failed(self, key: str, version: str, failure: Failure, before: State | None) -> None:
        """Record the failure of a photo, and delete earlier thumbnails."""
        why = {"code": failure.code, "message": failure.message, **failure.details}
        photo = photo_id(key)
        failed = self._settle(key, {"status": "failed", **why}, version)
        self._put(f"{FAILURES}{photo}.json", failed, "application/json")
        self._delete_entry(before)

    def forget(self, key: str, before: State | None) -> None:
        """Delete the thumbnails and the state of a photo whose upload was deleted."""
        photo = photo_id(key)
        self._delete_entry(before)
        self._delete([f"{each}{photo}.json" for each in (FAILURES, ATTEMPTS, PHOTOS)])

    def _settle(self, key: str, state: State, version: str) -> bytes:
        photo = photo_id(key)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        whole = {"photoId": photo, "key": key, "version": version, "settledAt": now, **state}
        content = json.dumps(whole).encode()
        self._put(f"{PHOTOS}{photo}.json", content, "application/json")
        return content

    def _delete_entry(self, before: State | None, but: str = "") -> None:
        """Delete the previous entry and its thumbnails, unless it is the current entry `but`."""
        entry = Entry.parse((before or {}).get("entry", ""))
        if entry is None or entry.name == but:
            return
        kept = Entry.parse(but)
        self._delete([GALLERY + entry.name])
        if kept is None or kept.version != entry.version:
            self._delete(
                [
                    self._prefix + entry.path(size, ending)
                    for size in entry.sizes
                    for ending in entry.formats
                ]
            )

    def _put_one(self, entry: Entry, rendition: Rendition) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + entry.path(rendition.size, rendition.ending),
            Body=rendition.content,
            ContentType=MEDIA_TYPES[rendition.ending],
            CacheControl=_FOR_EVER,
        )

    def _put(self, key: str, content: bytes, kind: str = "application/octet-stream") -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=kind)

    def _delete(self, keys: list[str]) -> None:
        for key in keys:
            self._client.delete_object(Bucket=self._bucket, Key=key)
