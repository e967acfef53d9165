"""A running delivery stream: buffers records and flushes them by size and time."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import firehose

from ..clients import Clients
from .objects import Objects
from .record import Failure, Record
from .transform import Transform

CLOCK = 30
"""The factor by which buffering intervals are shorter than on AWS."""

log = logging.getLogger(__name__)


class Delivery(threading.Thread):
    """The buffer of one delivery stream, and the thread that flushes it."""

    def __init__(self, stream: Mapping[str, Any], region: str, clients: Clients) -> None:
        super().__init__(daemon=True, name=f"delivery-{stream['name']}")
        self.stream = stream
        self._account = stream["arn"].split(":")[4]
        self._region = region
        self._s3 = clients.get("s3", region, {})
        self._waiting: list[Record] = []
        self._size = 0
        self._changed = threading.Condition()

    def add(self, records: Sequence[Record]) -> None:
        """Buffer records for delivery."""
        with self._changed:
            self._waiting += records
            self._size += sum(len(each.raw) for each in records)
            self._changed.notify()

    def run(self) -> None:
        with request_scope(self._account, self._region):
            while self._registered():
                records = self._next()
                if records:
                    self._deliver(records)

    def _registered(self) -> bool:
        return firehose._streams.get(self.stream["name"]) is self.stream

    def _next(self) -> list[Record]:
        """Return the records of a full or expired buffer, or none after a pause."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, 0.5):
                return []
            hints = self._config.get("BufferingHints") or {}
            seconds = hints.get("IntervalInSeconds", 300) / CLOCK
            most = hints.get("SizeInMBs", 5) * 1024**2
            due = time.monotonic() + seconds
            while self._size < most and (left := due - time.monotonic()) > 0:
                self._changed.wait(left)
            records, self._waiting, self._size = self._waiting, [], 0
            return records

    def _deliver(self, records: list[Record]) -> None:
        try:
            failed: list[Failure] = []
            transform = self._transform()
            if transform:
                records, failed = transform(records, self._about())
            else:
                for record in records:
                    record.data = record.raw
            objects = Objects(self.stream, self._config, self._s3)
            failed += objects.write(records)
            objects.write_errors(failed, transform.arn if transform else "")
        except Exception:
            log.exception("delivery stream %s failed", self.stream["name"])

    @property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = self.stream["destinations"][0]["config"]
        return config

    def _transform(self) -> Transform | None:
        processing = self._config.get("ProcessingConfiguration") or {}
        for processor in processing.get("Processors") or []:
            if processing.get("Enabled") and processor["Type"] == "Lambda":
                parameters = {
                    each["ParameterName"]: each["ParameterValue"]
                    for each in processor["Parameters"]
                }
                return Transform(parameters, self._config["RoleARN"])
        return None

    def _about(self) -> dict[str, str]:
        about = {"deliveryStreamArn": self.stream["arn"], "region": self._region}
        source = (self.stream.get("kinesis_source") or {}).get("KinesisStreamARN")
        return {**about, "sourceKinesisStreamArn": source} if source else about
