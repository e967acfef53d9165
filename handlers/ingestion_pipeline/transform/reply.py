"""The response to Firehose: every record once, within Lambda's limit of the response size."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pybase64

LIMIT = 5_800_000
"""Bytes; Lambda refuses an answer of more than 6 MB.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_FRAME = 120
"""Bytes of JSON around a record's ID and data, at most."""


class Reply:
    """Collects the results of one batch."""

    def __init__(self, records: Sequence[dict[str, Any]], limit: int = LIMIT) -> None:
        """Begin a reply to the records of an event, with room kept for an answer to each."""
        self.records: list[dict[str, Any]] = []
        self._room = limit - sum(len(each["recordId"]) + _FRAME for each in records)

    def ok(self, record: dict[str, Any], line: bytes, day: str) -> bool:
        """Answer a record with its line; False, and no answer, when that does not fit."""
        data = pybase64.b64encode_as_string(line)
        if len(data) > self._room:
            return False
        self._room -= len(data)
        self.records.append(
            {
                "recordId": record["recordId"],
                "result": "Ok",
                "data": data,
                "metadata": _metadata(day),
            }
        )
        return True

    def drop(self, record: dict[str, Any]) -> None:
        """Answer that a record is done with."""
        self._without_data(record, "Dropped")

    def fail(self, record: dict[str, Any]) -> None:
        """Answer that a record is bad: Firehose keeps it, as it came, below the error prefix."""
        self._without_data(record, "ProcessingFailed")

    def _without_data(self, record: dict[str, Any], result: str) -> None:
        self.records.append({"recordId": record["recordId"], "result": result})


@lru_cache(1000)
def _metadata(day: str) -> dict[str, dict[str, str]]:
    return {"partitionKeys": {"day": day}}
