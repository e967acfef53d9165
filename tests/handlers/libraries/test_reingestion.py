"""Reingestion: rejected records are retried, and those that keep failing are returned."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from reingestion import Put, Reingestion, Source
from reingestion import reingestion as module

STREAM, DIRECT = Source("s", "d"), Source("", "d")


class Service:
    """A fake of Kinesis and Firehose that rejects each record a given number of times."""

    def __init__(self, refusals: dict[bytes, int] | None = None, broken: int = 0) -> None:
        self.refusals = refusals or {}
        self.broken = broken
        self.calls: list[tuple[str, int, int]] = []
        self.taken: list[bytes] = []

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> Any:
        assert all(each["PartitionKey"] for each in Records)
        return {"Records": self._put(StreamName, Records)}

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, Any]]) -> Any:
        return {"RequestResponses": self._put(DeliveryStreamName, Records)}

    def _put(self, name: str, records: list[dict[str, Any]]) -> list[dict[str, str]]:
        data = [each["Data"] for each in records]
        self.calls.append((name, len(data), sum(map(len, data))))
        if self.broken:
            self.broken -= 1
            raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "Put")
        return [self._one(each) for each in data]

    def _one(self, data: bytes) -> dict[str, str]:
        if self.refusals.get(data, 0) > 0:
            self.refusals[data] -= 1
            return {"ErrorCode": "ProvisionedThroughputExceededException"}
        self.taken.append(data)
        return {"SequenceNumber": "1"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    return pauses


def put(service: Service, source: Source, *records: bytes) -> list[int]:
    clients: Any = SimpleNamespace(kinesis=service, firehose=service)
    return Reingestion(clients).put(source, [Put(each, "k") for each in records])


@pytest.mark.parametrize(("source", "name"), [(STREAM, "s"), (DIRECT, "d")])
def test_only_rejected_records_are_retried(source: Source, name: str, no_pause: list[float]):
    service = Service({b"b": 2})
    assert put(service, source, b"a", b"b", b"c") == []
    assert [(each[0], each[1]) for each in service.calls] == [(name, 3), (name, 1), (name, 1)]
    assert service.taken == [b"a", b"c", b"b"]
    assert no_pause == sorted(no_pause) and len(no_pause) == 2


def test_a_record_that_is_always_rejected_is_returned():
    service = Service({b"b": 99})
    assert put(service, STREAM, b"a", b"b", b"c") == [1]


def test_a_failed_call_is_retried_with_all_records():
    service = Service(broken=1)
    assert put(service, DIRECT, b"a", b"b") == []
    assert put(Service(broken=99), DIRECT, b"a", b"b") == [0, 1]


def test_calls_are_within_the_limits_of_the_services():
    service = Service()
    many = [b"%d" % number for number in range(1001)]
    large = [b"x" * 900_000 for _ in range(9)]
    assert put(service, DIRECT, *many, *large) == []
    assert all(count <= 500 and size <= 4_000_000 for _, count, size in service.calls)
    assert sum(count for _, count, _ in service.calls) == 1010
