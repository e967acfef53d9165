"""Stores the thumbnails and the state of each photo.

The state of a photo is written after everything that it promises, so that the next run repeats an
incomplete one. What to delete is found by a list, not by the state alone: a run may have crashed,
or have overwritten the state of another one.
"""

import json
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from photo_names import ATTEMPTS, FAILURES, GALLERY, HELD, MEDIA_TYPES, PHOTOS, Entry, photo_id
from photo_names.state import State, read_json

from .failure import Failure
from .picture import Rendition
from .stored import Inventory, Stored, mark_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_CACHED = "public, max-age=31536000, s-maxage=86400, immutable"
"""The name of a rendition contains its version, so the content never changes. Since it may be
deleted, CloudFront keeps it for a day only.
"""


class Images:
    """Thumbnails and states of one bucket."""

    def __init__(self, bucket: str, prefix: str, longest_run: int, client: "S3Client") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._client = client
        self._inventory = Inventory(bucket, prefix, longest_run, client)

    def find(self, photo: str, ended: Collection[str]) -> Stored:
        """Return what is stored of a photo; `ended` are runs that are known to have ended."""
        return self._inventory.find(photo, ended)

    def is_complete(self, stored: Stored) -> bool:
        """Tell whether everything that the state of a photo promises is stored."""
        entry = _entry(stored.state)
        if entry is None:
            return True
        return (
            stored.renditions >= self._renditions(entry)
            and any(mark.entry == entry.name for mark in stored.marks)
            and self._inventory.has(GALLERY + entry.name)
        )

    def tidy(self, stored: Stored) -> None:
        """Delete all thumbnails and entries that are not those of the state of a photo."""
        entry = _entry(stored.state)
        self._delete_entries(stored, entry)
        self._delete_renditions(stored, entry)
        self._delete_marks(stored, entry)

    def attempts(self, photo: str, version: str) -> int:
        """Return the number of counted attempts to convert a version of a photo."""
        counted = read_json(self._client, self._bucket, f"{ATTEMPTS}{photo}.json")
        return int(counted["attempts"]) if counted and counted["version"] == version else 0

    def put_attempts(self, photo: str, version: str, attempts: int) -> None:
        """Store the number of counted attempts."""
        content = _json({"version": version, "attempts": attempts})
        self._put(f"{ATTEMPTS}{photo}.json", content, "application/json")

    def put(self, entry: Entry, renditions: Iterable[Rendition]) -> None:
        """Store the thumbnails of a photo. Uploads run while the next thumbnails are encoded."""
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(self._put_one, entry, each) for each in renditions]
        for each in sent:
            each.result()

    def settle_ready(
        self, key: str, entry: Entry, labels: list[str], run: str, stored: Stored
    ) -> None:
        """Record that the thumbnails are ready, and delete those of all other versions."""
        self._put(mark_key(entry.photo, run, entry.name), b"")
        self._put(GALLERY + entry.name, b"")
        self._delete_entries(stored, entry)
        self._delete([f"{each}{entry.photo}.json" for each in (FAILURES, HELD, ATTEMPTS)])
        state = {"status": "ready", "entry": entry.name, "labels": labels, "run": run}
        self._put_state(_state(key, entry.version, state))
        self._delete_renditions(stored, entry)
        self._delete_marks(stored)

    def settle_held(self, key: str, version: str, labels: list[str], stored: Stored) -> None:
        """Record that a photo waits for its approval, and delete all its thumbnails."""
        state = _state(key, version, {"status": "held", "labels": labels})
        self._settle_hidden(state, HELD, (FAILURES, ATTEMPTS), stored)

    def settle_failed(self, key: str, version: str, failure: Failure, stored: Stored) -> None:
        """Record the failure of a photo, and delete all its thumbnails."""
        why = {"code": failure.code, "message": failure.message, **failure.details}
        state = _state(key, version, {"status": "failed", **why})
        self._settle_hidden(state, FAILURES, (HELD,), stored)

    def _settle_hidden(
        self, state: State, record: str, others: Iterable[str], stored: Stored
    ) -> None:
        photo = state["photoId"]
        self._delete_entries(stored)
        self._put(f"{record}{photo}.json", _json(state), "application/json")
        self._delete([f"{each}{photo}.json" for each in others])
        self._put_state(state)
        self._delete_renditions(stored)
        self._delete_marks(stored)

    def forget(self, key: str, stored: Stored) -> None:
        """Delete the thumbnails and the state of a photo whose upload was deleted."""
        photo = photo_id(key)
        self._delete_entries(stored)
        self._delete([f"{each}{photo}.json" for each in (FAILURES, HELD, ATTEMPTS, PHOTOS)])
        self._delete_renditions(stored)
        self._delete_marks(stored)

    def _put_state(self, state: State) -> None:
        self._put(f"{PHOTOS}{state['photoId']}.json", _json(state), "application/json")

    def _delete_entries(self, stored: Stored, but: Entry | None = None) -> None:
        kept = {but.name} if but else set()
        self._delete([GALLERY + name for name in sorted(stored.entries - kept)])

    def _delete_renditions(self, stored: Stored, but: Entry | None = None) -> None:
        kept = f"{self._prefix}{but.photo}/{but.version}/" if but else None
        renditions = (key for key in stored.renditions if not (kept and key.startswith(kept)))
        self._delete(sorted(renditions))

    def _delete_marks(self, stored: Stored, but: Entry | None = None) -> None:
        """Delete marks, after everything that they lead to."""
        marks = (mark for mark in stored.marks if not (but and mark.entry == but.name))
        self._delete([mark.key for mark in marks if not mark.is_kept])

    def _renditions(self, entry: Entry) -> set[str]:
        return {
            self._prefix + entry.path(size, ending)
            for size in entry.sizes
            for ending in entry.formats
        }

    def _put_one(self, entry: Entry, rendition: Rendition) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + entry.path(rendition.size, rendition.ending),
            Body=rendition.content,
            ContentType=MEDIA_TYPES[rendition.ending],
            CacheControl=_CACHED,
        )

    def _put(self, key: str, content: bytes, kind: str = "application/octet-stream") -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=kind)

    def _delete(self, keys: list[str]) -> None:
        for key in keys:
            self._client.delete_object(Bucket=self._bucket, Key=key)


def _entry(state: State | None) -> Entry | None:
    return Entry.parse((state or {}).get("entry", ""))


def _state(key: str, version: str, state: State) -> State:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"photoId": photo_id(key), "key": key, "version": version, "settledAt": now, **state}


def _json(content: State) -> bytes:
    return json.dumps(content).encode()
