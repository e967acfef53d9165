"""Publishes a batch: reads the rows, sends them in order, marks those that were sent."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from .bus import HOPELESS, PAUSES, put
from .claims import leave_claim
from .marks import Marks
from .parking import park
from .report import Report
from .rows import Key, Lane, Record, UnfitRecord, in_order, key_of, read_row, take_chunk
from .settings import PublisherSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)


class PublisherClients(Protocol):
    """The clients it uses; S3's only for claim checks and parked records."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def events(self) -> "EventBridgeClient": ...
    @property
    def s3(self) -> "S3Client": ...


class Publisher:
    """Sends outbox rows to one bus."""

    def __init__(
        self,
        settings: PublisherSettings,
        clients: PublisherClients,
        entry_limit: int = 256 * 1024,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """Create it. It makes no calls yet.

        Args:
            settings: where rows come from and go to.
            clients: AWS clients, each asked for only when it is needed.
            entry_limit: bytes of a call and of its largest entry. The default holds in every
                region; an event larger than that goes by claim check.
            pauses: seconds before each further try of entries that the bus refused for a while.
        """
        self._settings = settings
        self._clients = clients
        self._limit = entry_limit
        self._pauses = pauses

    def publish(
        self, records: Sequence[Record], more_time: Callable[[], bool] = lambda: True
    ) -> Report:
        """Send the new images of stream records.

        The rows of an aggregate go out by sequence number, each after the bus took the one before;
        when one fails, the later ones fail with it. A parked row holds up nothing.

        Args:
            records: INSERT records of the outbox table's stream.
            more_time: asked before each call; once it says no, the rest fails.
        """
        done = _Done()
        ready = deque(self._lanes(records, done))
        while ready and more_time():
            chunk = take_chunk(ready, self._limit)
            ready += self._send(chunk, done)
        for lane in ready:
            done.fail(lane)
        self._mark(done)
        return Report(len(done.sent), done.parked, sorted(done.failed))

    def _send(self, chunk: Sequence[Lane], done: "_Done") -> list[Lane]:
        """Send the first row of each lane; return the lanes that go on."""
        codes = put([lane[0].entry for lane in chunk], self._clients.events, self._pauses)
        for lane, code in zip(chunk, codes, strict=True):
            if code is None:
                done.sent.append(lane.popleft().key)
            elif code in HOPELESS and self._park(lane[0].record, code, done):
                lane.popleft()
            else:
                done.fail(lane)
        return [lane for lane in chunk if lane]

    def _lanes(self, records: Sequence[Record], done: "_Done") -> list[Lane]:
        """Group the rows by aggregate, each group by sequence number; park what is no row."""
        lanes: dict[str, Lane] = {}
        stuck: set[str] = set()
        for index, record in enumerate(records):
            try:
                row = read_row(index, record, self._settings.event_bus)
                if row.size > self._limit:
                    leave_claim(row, self._settings.claims_bucket, self._clients.s3)
            except UnfitRecord as error:
                if not self._park(record, str(error), done):
                    done.failed.append(index)
            except (ClientError, BotoCoreError) as error:
                logger.warning("claim not stored", extra={"error": type(error).__name__})
                stuck.add(row.key[0])
                lanes.setdefault(row.key[0], deque()).append(row)
            else:
                lanes.setdefault(row.key[0], deque()).append(row)
        for aggregate in stuck:
            done.fail(lanes.pop(aggregate))
        return [in_order(lane) for lane in lanes.values()]

    def _park(self, record: Record, reason: str, done: "_Done") -> bool:
        """Put a record into the failure store; False when it must be tried again."""
        try:
            park(record, reason, self._settings.failures_bucket, self._clients.s3)
        except (ClientError, BotoCoreError) as error:
            logger.warning("record not parked", extra={"error": type(error).__name__})
            return False
        done.parked += 1
        done.parked_keys += key_of(record)
        # An alarm counts the lines with this message.
        logger.error("record parked", extra={"reason": reason})
        return True

    def _mark(self, done: "_Done") -> None:
        if done.sent or done.parked_keys:
            marks = Marks(
                self._settings.outbox_table,
                self._settings.sent_retention_days,
                self._clients.dynamodb,
            )
            marks.sent(done.sent)
            marks.parked(done.parked_keys)


@dataclass
class _Done:
    """What a batch has come to so far."""

    sent: list[Key] = field(default_factory=list)
    parked: int = 0
    parked_keys: list[Key] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def fail(self, lane: Lane) -> None:
        """Give up a lane for this time; none of its later rows may overtake the failed one."""
        self.failed += [row.index for row in lane]
        lane.clear()
