"""Reads a shard for a mapping, batch by batch and in order."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import responses
from ministack.services import lambda_svc

from . import discarded
from .arrivals import Arrivals
from .batch import Batch, Discard, Result
from .record import Record
from .shards import Shard, shards

PAYLOAD = 6_000_000
"""The maximum size in bytes of the records in one event."""

log = logging.getLogger(__name__)


def start(mapping: dict[str, Any], arrivals: Arrivals, endpoint: str) -> None:
    """Read the stream of a new mapping until the mapping is deleted."""
    for shard in shards(mapping):
        Reader(mapping, shard, arrivals, endpoint).start()


class Reader(threading.Thread):
    """One thread per shard, so that a slow or failing function delays only its own shard."""

    def __init__(
        self, mapping: dict[str, Any], shard: Shard, arrivals: Arrivals, endpoint: str
    ) -> None:
        super().__init__(daemon=True, name=f"stream-{mapping['UUID']}-{shard.id}")
        self._mapping, self._shard = mapping, shard
        self._account, self._region = responses.get_account_id(), responses.get_region()
        self._arrivals = arrivals
        self._endpoint = endpoint

    def run(self) -> None:
        responses._request_account_id.set(self._account)
        responses._request_region.set(self._region)
        while self._registered():
            seen = self._arrivals.count
            try:
                idle = not self._process_next()
            except Exception:
                log.exception("mapping %s failed", self._mapping["UUID"])
                idle = True
            if idle:
                self._arrivals.wait(seen, 0.5)

    def _registered(self) -> bool:
        return lambda_svc._esms.get(self._mapping["UUID"]) is self._mapping

    def _process_next(self) -> bool:
        """Handle the next batch. Return False if there is none."""
        if not self._mapping.get("Enabled", True) or not self._shard.is_open():
            return False
        records = self._collect()
        if not records:
            return False
        wanted = lambda_svc._apply_filter_criteria(records, self._mapping)
        if wanted:
            self._batch().process(wanted)
        if self._registered():
            self._shard.advance(records)
            self._mapping["LastProcessingResult"] = "OK"
        return True

    def _collect(self) -> list[Record]:
        """Return a full batch, or the available records when the batching window ends."""
        records = self._read()
        window = self._mapping.get("MaximumBatchingWindowInSeconds") or 0
        closes = time.monotonic() + window
        while records and len(records) < self._batch_size() and self._registered():
            left = closes - time.monotonic()
            if left <= 0:
                break
            self._arrivals.wait(self._arrivals.count, min(left, 0.1))
            records = self._read()
        return records

    def _read(self) -> list[Record]:
        records = self._shard.read(self._batch_size())
        size = 0
        for index, record in enumerate(records):
            size += len(json.dumps(record))
            if size > PAYLOAD and index:
                return records[:index]
        return records

    def _batch_size(self) -> int:
        return int(self._mapping.get("BatchSize") or 100)

    def _batch(self) -> Batch:
        mapping = self._mapping
        return Batch(
            invoke=self._invoke,
            discard=self._discard,
            going_on=self._registered,
            retries=_limit(mapping.get("MaximumRetryAttempts")),
            max_age=_limit(mapping.get("MaximumRecordAgeInSeconds")),
            bisect=bool(mapping.get("BisectBatchOnFunctionError")),
            partial="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
        )

    def _invoke(self, records: list[Record]) -> Result:
        execute: Callable[..., Result] = lambda_svc._execute_function
        result = execute(self._function(), {"Records": records})
        if result.get("error"):
            self._mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
        return result

    def _discard(self, given_up: Discard) -> None:
        discarded.send(given_up, self._shard.id, self._mapping, self._function(), self._endpoint)

    def _function(self) -> dict[str, Any]:
        function, _config = lambda_svc._get_func_record_for_qualifier(
            self._mapping["FunctionName"], self._mapping.get("Qualifier")
        )
        if function is None:
            raise LookupError(f"function {self._mapping['FunctionName']} does not exist")
        record: dict[str, Any] = function
        return record


def _limit(value: int | None) -> int | None:
    """-1, the default, means no limit."""
    return None if value is None or value < 0 else value
