"""Relay: sending outbox records to the bus, compared with one call each and with raw HTTP.

Raw HTTP sends the recorded requests of the relay again. It is the limit of the emulator.
"""

import http.client
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aws_clients
from outbox_pipeline._shared.publisher import Publisher, PublisherSettings
from outbox_pipeline.relay.app import relay

from benchmarks.fakes import FakeContext, FakeTable
from benchmarks.outbox_table import OutboxTable, Record, parts
from benchmarks.report import Result, Target
from benchmarks.rounds import Case, Times, interleave, timed
from local.emulator.process import Emulator
from local.emulator.settings import ADMINISTRATOR

RECORDS = 1000
BATCH = 100
"""Records per event, as in the event source mapping of the component."""
SETTINGS = PublisherSettings("outbox", "orders", "claims", "failures", 7)
COLUMNS = ("1000 records", "Records/s", "PutEvents calls", "Speed", "Of raw HTTP")
ONE_EACH = "one PutEvents each"
SENT = "relay, with fake marks"
RAW = "raw HTTP, PutEvents of the relay"
ONE_EACH_MARKED = "one PutEvents and one UpdateItem each"
RELAY = "**relay**"
RAW_MARKED = "raw HTTP, all requests of the relay"
REFERENCES = {SENT: (ONE_EACH, RAW), RELAY: (ONE_EACH_MARKED, RAW_MARKED)}
"""The references of a case: the naive one, and the limit."""


def measure(rounds: int) -> Result:
    """Send the stream records of 500 placed orders."""
    with Emulator() as emulator:
        ways = Ways(emulator)
        times = interleave(ways.cases(), rounds, warm_up=False)
    result = Result("Relay", COLUMNS, [_row(name, times, ways.calls) for name in times])
    calls = ways.calls[RELAY]
    result.targets += [
        Target(
            "at least 8x fewer PutEvents calls than one each: ceil(n / 10)",
            f"{calls} for {RECORDS}: {RECORDS / calls:.0f}x fewer",
            calls == -(-RECORDS // 10),
        ),
        *(target for name in REFERENCES for target in _speed(name, times)),
    ]
    unmarked = times[SENT].ratio_to(times[RELAY])
    limit = times[ONE_EACH_MARKED].ratio_to(times[RAW_MARKED])
    result.notes += [
        "Speed: relative to one call per record with the same work. Of raw HTTP: relative to the "
        "recorded requests of the relay, sent again without boto3, which is the limit of the "
        "emulator.",
        f"Marks (`sentAt`, `expiresAt`, removal from the index of unsent rows) take "
        f"{1 - unmarked:.0%} of the relay's time here. With them, the limit itself is "
        f"{limit:.1f}x as fast as one call per record.",
    ]
    return result


def _row(name: str, times: dict[str, Times], calls: dict[str, int]) -> Sequence[str]:
    speed = f"{RECORDS / times[name].median:,.0f}"
    if name not in REFERENCES:
        return name, speed, str(calls[name]), "", ""
    naive, raw = (times[reference] for reference in REFERENCES[name])
    own = times[name]
    return name, speed, str(calls[name]), f"{naive.ratio_to(own):.1f}x", f"{raw.ratio_to(own):.2f}x"


def _speed(name: str, times: dict[str, Times]) -> Iterator[Target]:
    naive, raw = (times[each].ratio_to(times[name]) for each in REFERENCES[name])
    yield Target(
        f"{name}: at least 8x as fast as {REFERENCES[name][0]}", f"{naive:.1f}x", naive >= 8
    )
    yield Target(f"{name}: at least 0.5x the speed of raw HTTP", f"{raw:.2f}x", raw >= 0.5)


@dataclass(frozen=True)
class Recorded:
    """One signed request of the relay."""

    body: bytes
    headers: dict[str, str]

    @property
    def puts_events(self) -> bool:
        """Return whether it is a PutEvents request; the others are marks."""
        return self.headers["X-Amz-Target"] == "AWSEvents.PutEvents"


class Ways:
    """The cases, which all send the same records to a bus on one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Place the orders, and record the requests of the relay."""
        self._table = OutboxTable(emulator, RECORDS)
        self._address = "127.0.0.1", emulator.port
        self._clients = _clients(emulator)
        self._events, self._dynamodb = self._clients.events, self._clients.dynamodb
        # A default client: the faster configuration of the relay's client counts for the relay.
        self._naive = emulator.client("events")
        self._events.create_event_bus(Name=SETTINGS.event_bus)
        self._requests: list[Recorded] = []
        for client in (self._events, self._naive, self._dynamodb):
            client.meta.events.register("before-send", self._record)
        self._relay(self._dynamodb)
        self._recorded = tuple(self._requests)
        self.calls: dict[str, int] = {}
        """Number of PutEvents requests in the last run of each case."""

    def cases(self) -> dict[str, Case]:
        """Return the cases by name."""
        return {
            ONE_EACH: self._case(ONE_EACH, self._one_each),
            SENT: self._case(SENT, lambda: self._relay(FakeTable())),
            RAW: self._case(RAW, lambda: self._send_again(marks=False)),
            ONE_EACH_MARKED: self._case(ONE_EACH_MARKED, self._one_each_marked, marks=True),
            RELAY: self._case(RELAY, lambda: self._relay(self._dynamodb), marks=True),
            RAW_MARKED: self._case(RAW_MARKED, lambda: self._send_again(marks=True), marks=True),
        }

    def _case(self, name: str, way: Callable[[], None], marks: bool = False) -> Case:
        def run() -> float:
            if marks:
                self._table.unmark()
            self._requests.clear()
            seconds = timed(way)
            self.calls[name] = sum(each.puts_events for each in self._requests)
            if marks and self._table.unsent():
                raise RuntimeError(f"{name} did not mark all rows")
            return seconds

        return run

    def _relay(self, dynamodb: Any) -> None:
        clients = SimpleNamespace(events=self._events, dynamodb=dynamodb)
        publisher = Publisher(SETTINGS, clients)
        for batch in parts(self._table.records, BATCH):
            answer = relay({"Records": batch}, FakeContext(), publisher)
            assert answer == {"batchItemFailures": []}, answer

    def _one_each(self, after: Callable[[Record], object] = lambda record: None) -> None:
        for record in self._table.records:
            image = record["dynamodb"]["NewImage"]
            entry = {
                "Source": image["source"]["S"],
                "DetailType": image["detailType"]["S"],
                "Detail": image["detail"]["S"],
                "EventBusName": SETTINGS.event_bus,
            }
            assert not self._naive.put_events(Entries=[entry])["FailedEntryCount"]
            after(record)

    def _one_each_marked(self) -> None:
        def mark(record: Record) -> None:
            image = record["dynamodb"]["NewImage"]
            self._dynamodb.update_item(
                TableName=SETTINGS.outbox_table,
                Key={key: image[key] for key in ("aggregateId", "sequence")},
                UpdateExpression="SET sentAt=:now, expiresAt=:then REMOVE pending",
                ExpressionAttributeValues={":now": image["createdAt"], ":then": {"N": "1"}},
            )

        self._one_each(mark)

    def _send_again(self, marks: bool) -> None:
        connection = http.client.HTTPConnection(*self._address)
        for request in self._recorded:
            if marks or request.puts_events:
                self._requests.append(request)
                connection.request("POST", "/", request.body, request.headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
        connection.close()

    def _record(self, request: Any, **_: object) -> None:
        headers = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        self._requests.append(Recorded(request.body, headers))


def _clients(emulator: Emulator) -> aws_clients.Clients:
    """Return the clients of the functions, configured for the emulator."""
    os.environ.update(
        AWS_ENDPOINT_URL=emulator.endpoint,
        AWS_ACCESS_KEY_ID=ADMINISTRATOR,
        AWS_SECRET_ACCESS_KEY=emulator.secret,
        AWS_DEFAULT_REGION="us-east-1",
        NO_PROXY="127.0.0.1",
    )
    return aws_clients.Clients()
