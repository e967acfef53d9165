"""Builds the response to Firehose: every record once, within the response size limit of Lambda."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pybase64

LIMIT = 5_800_000
"""Maximum size in bytes. Lambda rejects a response of more than 6 MB.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_FRAME = 120
"""Maximum size of the JSON around a record's ID and data, in bytes."""


class Reply:
    """Collects the results of one batch."""

    def __init__(self, records: Sequence[dict[str, Any]], limit: int = LIMIT) -> None:
        """Start a response to the records of an event, with space reserved for each record."""
        self.records: list[dict[str, Any]] = []
        self._room = limit - sum(len(each["recordId"]) + _FRAME for each in records)

    def ok(self, record: dict[str, Any], line: bytes, day: str) -> bool:
        """Add an `Ok` result with the line. Return False, without a result, if it does not fit."""
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
        """Add a `Dropped` result: Firehose does not deliver the record."""
        self._without_data(record, "Dropped")

    def fail(self, record: dict[str, Any]) -> None:
        """Add a `ProcessingFailed` result: Firehose stores the record below the error prefix."""
        self._without_data(record, "ProcessingFailed")

    def _without_data(self, record: dict[str, Any], result: str) -> None:
        self.records.append({"recordId": record["recordId"], "result": result})


@lru_cache(1000)
def _metadata(day: str) -> dict[str, dict[str, str]]:
    return {"partitionKeys": {"day": day}}
