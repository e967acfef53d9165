"""Publishes a batch: reads the rows, sends them in order and marks the sent ones."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from .bus import NON_RETRYABLE, PAUSES, put
from .claims import store_claim
from .marks import Marks
from .parking import park
from .report import Report
from .rows import InvalidRecord, Key, Lane, Record, in_order, key_of, read_row, take_chunk
from .settings import PublisherSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)


class PublisherClients(Protocol):
    """The AWS clients of a publisher; S3 is used only for claim checks and parked records."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def events(self) -> "EventBridgeClient": ...
    @property
    def s3(self) -> "S3Client": ...


class Publisher:
    """Sends outbox rows to an event bus."""

    def __init__(
        self,
        settings: PublisherSettings,
        clients: PublisherClients,
        entry_limit: int = 256 * 1024,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """Create the publisher.

        Args:
            settings: names of the table, bus and buckets.
            clients: AWS clients, each created on first use.
            entry_limit: maximum size of a call and of an entry in bytes. The default is valid in
                every region. A larger event is sent as a claim check.
            pauses: seconds before each retry of entries that failed with a retryable error.
        """
        self._settings = settings
        self._clients = clients
        self._limit = entry_limit
        self._pauses = pauses

    def publish(
        self, records: Sequence[Record], more_time: Callable[[], bool] = lambda: True
    ) -> Report:
        """Send the new images of stream records.

        The rows of an aggregate are sent by sequence number, each after the bus accepted the one
        before. When a row fails, the later ones fail too. A parked row does not block later ones.

        Args:
            records: INSERT records of the outbox table's stream.
            more_time: called before each call of AWS; once it returns False, the rest fails.
        """
        progress = _Progress()
        ready = deque(self._lanes(records, progress))
        while ready and more_time():
            chunk = take_chunk(ready, self._limit)
            ready += self._send(chunk, progress)
        for lane in ready:
            progress.fail(lane)
        self._mark(progress)
        return Report(len(progress.sent), progress.parked, sorted(progress.failed))

    def _send(self, chunk: Sequence[Lane], progress: "_Progress") -> list[Lane]:
        """Send the first row of each lane, and return the lanes that have rows left."""
        codes = put([lane[0].entry for lane in chunk], self._clients.events, self._pauses)
        for lane, code in zip(chunk, codes, strict=True):
            if code is None:
                progress.sent.append(lane.popleft().key)
            elif code in NON_RETRYABLE and self._park(lane[0].record, code, progress):
                lane.popleft()
            else:
                progress.fail(lane)
        return [lane for lane in chunk if lane]

    def _lanes(self, records: Sequence[Record], progress: "_Progress") -> list[Lane]:
        """Group the rows by aggregate, sorted by sequence number, and park invalid records."""
        lanes: dict[str, Lane] = {}
        stuck: set[str] = set()
        for index, record in enumerate(records):
            try:
                row = read_row(index, record, self._settings.event_bus)
                if row.size > self._limit:
                    store_claim(row, self._settings.claims_bucket, self._clients.s3)
            except InvalidRecord as error:
                if not self._park(record, str(error), progress):
                    progress.failed.append(index)
            except (ClientError, BotoCoreError) as error:
                logger.warning("claim not stored", extra={"error": type(error).__name__})
                stuck.add(row.key[0])
                lanes.setdefault(row.key[0], deque()).append(row)
            else:
                lanes.setdefault(row.key[0], deque()).append(row)
        for aggregate in stuck:
            progress.fail(lanes.pop(aggregate))
        return [in_order(lane) for lane in lanes.values()]

    def _park(self, record: Record, reason: str, progress: "_Progress") -> bool:
        """Store a record in the failures bucket. Return False when it must be retried."""
        try:
            park(record, reason, self._settings.failures_bucket, self._clients.s3)
        except (ClientError, BotoCoreError) as error:
            logger.warning("record not parked", extra={"error": type(error).__name__})
            return False
        progress.parked += 1
        progress.parked_keys += key_of(record)
        # A metric filter counts the log lines with this message.
        logger.error("record parked", extra={"reason": reason})
        return True

    def _mark(self, progress: "_Progress") -> None:
        if progress.sent or progress.parked_keys:
            marks = Marks(
                self._settings.outbox_table,
                self._settings.sent_retention_days,
                self._clients.dynamodb,
            )
            marks.sent(progress.sent)
            marks.parked(progress.parked_keys)


@dataclass
class _Progress:
    """The results of a batch so far."""

    sent: list[Key] = field(default_factory=list)
    parked: int = 0
    parked_keys: list[Key] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def fail(self, lane: Lane) -> None:
        """Fail all rows of a lane, as no later row may overtake a failed one."""
        self.failed += [row.index for row in lane]
        lane.clear()
