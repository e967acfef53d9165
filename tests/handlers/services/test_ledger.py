"""The ledger books each sale once, whatever fails in between, and tells a topic of each."""

import json
import os
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from service_client import Answer as Call
from service_client import ServiceUnavailable
from services.ledger.app import make
from services.ledger.news import News, PublishError

from tests.conftest import ROOT
from tests.emulator.cloud import until
from tests.handlers.api import Answer
from tests.handlers.aws import make_clients
from tests.handlers.documents import assert_documented
from tests.handlers.requests import request

from .conftest import admit, connects
from .topics import Topic

MIGRATIONS = ROOT / "handlers" / "services" / "ledger" / "migrations"
TABLES = ("bookings", "untold_bookings")


class Prices:
    """The service of prices, by the client's interface."""

    def __init__(self) -> None:
        self.down, self.asked, self.unit = False, 0, 450

    def get(self, *path: str, query: dict[str, str]) -> Call:
        self.asked += 1
        if self.down:
            raise ServiceUnavailable("prices is not called")
        if path[1] == "none":
            return Call(404, {}, {})
        quantity = int(query["quantity"])
        price = {"productId": path[1], "quantity": quantity, "unitCents": self.unit}
        return Call(200, {**price, "totalCents": self.unit * quantity}, {})


class Ledger:
    """The service with a database and a queue of its topic."""

    def __init__(self, stores: Any, instance: Any, topic: Topic, sns: Any) -> None:
        self.database, self.prices, self.topic = stores.app(instance), Prices(), topic
        self.news = News(self.database, topic.arn, sns)
        self.api = make(self.database, self.prices, self.news)  # type: ignore[arg-type]

    def book(self, key: str, product: str = "tea", quantity: Any = 2, **more: Any) -> Answer:
        body = {"productId": product, "quantity": quantity, **more}
        return self.ask("POST /bookings", headers={"Idempotency-Key": key}, body=body)

    def ask(self, operation: str, **about: Any) -> Answer:
        event = request(operation, **about)
        response = self.api(event)
        assert_documented("ledger", event, response)
        return Answer(response)

    def rows(self, table: str) -> int:
        (row,) = self.database.run(f"SELECT count(*) AS n FROM {table}")
        count: int = row["n"]
        return count


@pytest.fixture(scope="module")
def instance(stores):
    """A database with the tables of the service and the user `app`."""
    made = stores.database()
    manager = stores.manager(made)
    admit(manager)
    for file in sorted(MIGRATIONS.glob("*.sql")):
        manager.run(file.read_text())
    for table in TABLES:
        manager.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO app")
    made["manager"], made["role"] = manager, stores.role("app", connects(made))
    return made


@pytest.fixture
def quiet(cloud, stores, instance, acting) -> Ledger:
    """A ledger that tells nothing by itself."""
    instance["manager"].run("TRUNCATE bookings, untold_bookings")
    acting(instance["role"])
    sns = make_clients(cloud.emulator, "sns").sns
    return Ledger(stores, instance, Topic(cloud, f"bookings-{uuid.uuid4().hex[:8]}"), sns)


@pytest.fixture
def ledger(quiet) -> Iterator[Ledger]:
    quiet.news.start()
    yield quiet
    quiet.news.stop()


def test_a_booking_is_stored_read_and_told(ledger):
    answer = ledger.book("k1")
    assert answer.status == 201
    booking = answer.body
    assert (booking["unitCents"], booking["totalCents"]) == (450, 900)
    path = {"bookingId": booking["bookingId"]}
    assert ledger.ask("GET /bookings/{bookingId}", path=path).body == booking
    (message,) = ledger.topic.told(1)
    assert message == {
        "bookingId": booking["bookingId"],
        "productId": "tea",
        "quantity": 2,
        "totalCents": 900,
    }
    until(lambda: ledger.rows("untold_bookings") == 0)


def test_the_same_request_again_is_the_same_booking(ledger):
    first = ledger.book("k1")
    ledger.prices.unit = 999
    again = ledger.book("k1")
    assert (again.status, again.body) == (200, first.body)
    assert ledger.prices.asked == 1
    assert ledger.book("k1", quantity=3).refused == (409, "Idempotency-Key")
    assert ledger.rows("bookings") == 1


def test_many_requests_of_one_key_at_once_make_one_booking(ledger):
    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda _: ledger.book("k1"), range(40)))
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 39}
    assert len({answer.body["bookingId"] for answer in answers}) == 1
    assert len(ledger.topic.told(1)) == 1
    assert ledger.rows("bookings") == 1


@pytest.mark.parametrize(
    "change, field",
    [
        ({"product": "none"}, "productId"),
        ({"product": "Tea"}, "productId"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({"total": 1}, "total"),
        ({"key": ""}, "Idempotency-Key"),
        ({"key": "ä"}, "Idempotency-Key"),
    ],
)
def test_a_bad_request_is_refused_by_name(ledger, change, field):
    assert ledger.book(**{"key": "k1", **change}).refused == (400, field)
    assert ledger.rows("bookings") == 0


def test_an_unknown_booking_is_not_found(ledger):
    path = {"bookingId": str(uuid.uuid4())}
    answer = ledger.ask("GET /bookings/{bookingId}", path=path)
    assert answer.refused == (404, "bookingId")


def test_without_prices_nothing_is_booked(ledger):
    ledger.prices.down = True
    answer = ledger.book("k1")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.body["message"] == "prices are not available; nothing was booked"
    assert ledger.rows("bookings") == 0
    ledger.prices.down = False
    assert ledger.book("k1").status == 201


class FailingTopic:
    """A topic that refuses, then takes messages without an answer, then works."""

    def __init__(self, sns: Any) -> None:
        self._sns, self.calls = sns, 0

    def publish_batch(self, **arguments: Any) -> Any:
        self.calls += 1
        answer = {"Failed": [{"Id": "0"}]}
        if self.calls == 1:
            return answer
        answer = self._sns.publish_batch(**arguments)
        if self.calls == 2:
            raise EndpointConnectionError(endpoint_url="https://sns.test")
        return answer


def test_a_booking_is_told_again_until_the_topic_has_it(cloud, quiet):
    quiet.book("k1")
    sns = FailingTopic(make_clients(cloud.emulator, "sns").sns)
    news = News(quiet.database, quiet.topic.arn, sns)  # type: ignore[arg-type]
    with pytest.raises(PublishError, match="1 of 1 messages were not accepted"):
        news.tell_now()
    with pytest.raises(EndpointConnectionError):
        news.tell_now()
    assert quiet.rows("untold_bookings") == 1
    assert news.tell_now() == 1
    assert news.tell_now() == 0
    # Twice, as it was not known that the topic had it: consumers count it once.
    assert len({each["bookingId"] for each in quiet.topic.told(2)}) == 1


def test_tellers_share_the_work(quiet):
    for number in range(25):
        quiet.book(f"k{number}")
    with ThreadPoolExecutor(4) as tellers:
        told = list(tellers.map(lambda _: quiet.news.tell_now(), range(8)))
    assert sum(told) == 25
    assert len({each["bookingId"] for each in quiet.topic.told(25)}) == 25


def _postmaster(cloud: Any) -> int:
    logs: Path = cloud.emulator.server_log.parent
    (file,) = logs.rglob("postmaster.pid")
    return int(file.read_text().splitlines()[0])


def test_no_acknowledged_booking_is_lost_when_the_database_is_killed(cloud, ledger):
    acknowledged: dict[str, str] = {}
    lock, stop = threading.Lock(), threading.Event()
    statuses: Counter[int] = Counter()

    def client(number: int) -> None:
        made = 0
        while not stop.is_set():
            key, made = f"{number}-{made}", made + 1
            while True:  # as callers do: the same request, with the same key
                answer = ledger.book(key)
                with lock:
                    statuses[answer.status] += 1
                    if answer.status in (200, 201):
                        assert acknowledged.setdefault(key, answer.body["bookingId"])
                if answer.status in (200, 201):
                    break

    clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for each in clients:
        each.start()
    until(lambda: len(acknowledged) >= 30, 60)
    os.kill(_postmaster(cloud), signal.SIGKILL)
    before = len(acknowledged)
    until(lambda: len(acknowledged) >= before + 30, 60)
    stop.set()
    for each in clients:
        each.join(60)
    stored = {
        row["idempotency_key"]: str(row["booking_id"])
        for row in ledger.database.run("SELECT idempotency_key, booking_id FROM bookings")
    }
    print(f"killed database: {len(acknowledged)} acknowledged, answers {dict(statuses)}")
    assert stored == acknowledged
    told: set[str] = set()

    def all_told() -> bool:
        told.update(each["bookingId"] for each in ledger.topic.received())
        return told >= set(stored.values())

    until(all_told, 60)
    assert told == set(stored.values())


def test_messages_have_no_more_than_consumers_need(ledger):
    ledger.book("secret-key")
    (message,) = ledger.topic.told(1)
    assert "secret-key" not in json.dumps(message)
