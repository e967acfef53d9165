"""What is stored of a photo: its state, thumbnails and gallery entries.

Entries of the gallery sort by time, so that those of a photo cannot be listed there. A mark tells
of each: it is written before its entry and deleted after it. A run that was overtaken may write its
entry after another run has deleted it, and then crash. So the mark of a run that may be at work is
kept, and the entry is deleted when the message of the crashed run is received again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from photo_names import MARKS
from photo_names.state import State, read_state

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectTypeDef


@dataclass(frozen=True)
class Mark:
    """Tells that a run wrote an entry, or is about to. An empty object."""

    key: str
    entry: str
    """Name of the entry."""
    is_kept: bool
    """Whether its run may be at work."""


@dataclass(frozen=True)
class Stored:
    """What is stored of a photo, read before its upload.

    Everything that is found and does not belong to the upload is therefore older than it.
    """

    state: State | None
    """None if the photo was not processed yet."""
    renditions: frozenset[str]
    """Keys of its thumbnails, of all versions."""
    marks: tuple[Mark, ...]

    @property
    def entries(self) -> set[str]:
        """Names of the entries that may be in the gallery."""
        named = {mark.entry for mark in self.marks}
        return named | {entry for entry in ((self.state or {}).get("entry"),) if entry}


def mark_key(photo: str, run: str, entry: str) -> str:
    """Return the key of the mark that a run writes before its entry."""
    return f"{MARKS}{photo}/{run}/{entry}"


class Inventory:
    """Finds what is stored of a photo.

    Args:
        bucket: bucket of the thumbnails.
        prefix: prefix of the thumbnails.
        longest_run: seconds after which no run of the function is at work any more.
        client: Amazon S3.
    """

    def __init__(self, bucket: str, prefix: str, longest_run: int, client: "S3Client") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._longest_run = longest_run
        self._client = client

    def find(self, photo: str, ended: Collection[str]) -> Stored:
        """Return what is stored of a photo.

        Args:
            photo: ID of the photo.
            ended: IDs of runs that are known to have ended.
        """
        state = read_state(self._client, self._bucket, photo)
        if state and "run" in state:
            ended = {*ended, state["run"]}
        marks = tuple(self._mark(each, ended) for each in self._list(f"{MARKS}{photo}/"))
        renditions = frozenset(each["Key"] for each in self._list(f"{self._prefix}{photo}/"))
        return Stored(state, renditions, marks)

    def has(self, key: str) -> bool:
        """Tell whether there is an object with a key."""
        return any(each["Key"] == key for each in self._list(key))

    def _mark(self, listed: "ObjectTypeDef", ended: Collection[str]) -> Mark:
        _, _, run, entry = listed["Key"].split("/", 3)
        age = (datetime.now(UTC) - listed["LastModified"]).total_seconds()
        return Mark(listed["Key"], entry, run not in ended and age < self._longest_run)

    def _list(self, prefix: str) -> "list[ObjectTypeDef]":
        found: list[ObjectTypeDef] = []
        after: dict[str, Any] = {}
        while True:
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **after)
            found += answer.get("Contents", [])
            if not answer["IsTruncated"]:
                return found
            after = {"ContinuationToken": answer["NextContinuationToken"]}
