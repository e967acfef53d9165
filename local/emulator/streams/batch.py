"""Processes a batch of stream records until all are handled or discarded."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .record import Record, arrived, sequence_number

Result = Mapping[str, Any]

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
"""Seconds between attempts. They double as in Lambda, but are shorter."""


@dataclass(frozen=True)
class Discard:
    """Records that Lambda discards."""

    records: list[Record]
    condition: str
    """`RetryAttemptsExhausted` or `RecordAgeExceeded`."""
    invocations: int
    result: Result


@dataclass(frozen=True)
class Batch:
    """The error handling of one mapping.

    A batch that fails as a whole is halved (`bisect`) until the failing record is alone. Halving
    does not count as a retry. After a partial failure, the records before the lowest failed
    sequence number are done, and processing continues from there with a new retry count; AWS does
    not document whether the count continues. A throttle is not an attempt.
    """

    invoke: Callable[[list[Record]], Result]
    discard: Callable[[Discard], None]
    going_on: Callable[[], bool]
    """False after the mapping is deleted: a batch that never succeeds must end with it."""
    retries: int | None
    """None: retries until the records expire."""
    max_age: float | None
    """In seconds. None: until the records expire."""
    bisect: bool
    partial: bool
    """Whether the mapping has ReportBatchItemFailures."""

    def process(self, records: list[Record]) -> None:
        """Return when every record has been handled or discarded."""
        tries, pause, result = 0, FIRST_PAUSE, {}  # type: int, float, Result
        while self.going_on():
            records = self._without_expired(records, tries, result)
            if not records:
                return
            result = self.invoke(records)
            done = self._handled(records, result)
            if done == len(records):
                return
            if done:
                records, tries, pause = records[done:], 0, FIRST_PAUSE
                continue
            if not result.get("throttle"):
                tries += 1
                if self.bisect and len(records) > 1:
                    half = len(records) // 2
                    self.process(records[:half])
                    records, tries, pause = records[half:], 0, FIRST_PAUSE
                    continue
                if self.retries is not None and tries > self.retries:
                    self.discard(Discard(records, "RetryAttemptsExhausted", tries, result))
                    return
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _without_expired(self, records: list[Record], tries: int, result: Result) -> list[Record]:
        if self.max_age is None:
            return records
        oldest = time.time() - self.max_age
        expired = [each for each in records if arrived(each) < oldest]
        if expired:
            self.discard(Discard(expired, "RecordAgeExceeded", tries, result))
        return [each for each in records if arrived(each) >= oldest]

    def _handled(self, records: list[Record], result: Result) -> int:
        """Return the number of records from the first on that are done."""
        if result.get("error") or result.get("throttle"):
            return 0
        if not self.partial:
            return len(records)
        return _first_failure(records, result.get("body"))


def _first_failure(records: list[Record], answer: object) -> int:
    """Return the index of the lowest sequence number in `batchItemFailures`; 0 if it is invalid.

    AWS: "Configuring partial batch response with DynamoDB and Lambda" (and "... with Kinesis Data
    Streams and Lambda"), success and failure conditions.
    """
    if answer is None or answer == {}:
        return len(records)
    if not isinstance(answer, dict) or "batchItemFailures" not in answer:
        return 0
    numbers = [sequence_number(each) for each in records]
    failures = answer["batchItemFailures"] or []
    try:
        return min(
            (numbers.index(each["itemIdentifier"]) for each in failures), default=len(numbers)
        )
    except (KeyError, TypeError, ValueError):
        return 0
