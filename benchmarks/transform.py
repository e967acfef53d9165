"""Transform: CPU time of the function per Firehose record, and memory per batch."""

import base64
import json
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from ingestion_pipeline.transform.readings import Window
from ingestion_pipeline.transform.transform import Transform
from telemetry_schema import Schema

from benchmarks.report import Result, Target
from benchmarks.rounds import cpu_of_one, interleave

RECORDS = 500
PASSES = 5
MIN_RATIO = 4
LARGE = 6_000_000
"""Bytes of data in the batch of the memory measurement."""
NOW = 1_795_262_400_000
COLUMNS = ("Time per record", "us", "Records per s", "Speed")
PEER = "`base64`, `json` and a dict per record"
PLAIN, WRAPPED = "**transform**, record of a producer", "**transform**, wrapped MQTT message"
DECODING = "of which base64 in both directions and parsing"
DAY, HOUR = 86_400_000, 3_600_000


def _text(max_length: int) -> dict[str, Any]:
    return {"type": "string", "max_length": max_length}


FIELDS: dict[str, dict[str, Any]] = {
    "schema_version": {"type": "int"},
    "reading_id": _text(64),
    "device_id": _text(64),
    "measured_at": {"type": "bigint", "minimum": 0},
    "temperature": {"type": "double", "minimum": -90, "maximum": 90},
    "humidity": {"type": "double", "minimum": 0, "maximum": 100},
    "battery": {"type": "double", "minimum": 0, "maximum": 5},
    "charging": {"type": "boolean"},
    "state": {"type": "string", "values": ["ok", "degraded"]},
    "firmware": _text(32),
    "site": _text(120),
    "note": _text(400),
    "trace": {**_text(64), "optional": True},
}
DOCUMENT = {
    "table": "readings",
    "keys": {
        "id": "reading_id",
        "device": "device_id",
        "time": "measured_at",
        "version": "schema_version",
    },
    "versions": {"1": FIELDS},
}


def measure(rounds: int) -> Result:
    """Transform one batch with some bad records, and compare with a straightforward function."""
    plain, wrapped = batch(RECORDS), batch(RECORDS, wrap=True)
    size = sum(len(base64.b64decode(each["data"])) for each in plain["records"]) // RECORDS
    transform = Transform(Schema(DOCUMENT), Window(HOUR, 7 * DAY, HOUR), _NoPutBack())
    assert _seen(transform(plain).records) == _seen(straightforward(plain))
    times = interleave(
        {
            PEER: cpu_of_one(lambda: straightforward(plain), PASSES, RECORDS),
            PLAIN: cpu_of_one(lambda: transform(plain), PASSES, RECORDS),
            WRAPPED: cpu_of_one(lambda: transform(wrapped), PASSES, RECORDS),
            DECODING: cpu_of_one(lambda: _decoding(plain), PASSES, RECORDS),
        },
        5 * rounds,  # each is short
    )
    result = Result("Transform", COLUMNS)
    for name, each in times.items():
        ratio = times[PEER].ratio_to(each)
        us = each.median * 1e6
        result.rows.append((name, f"{us:.1f}", f"{1e6 / us:,.0f}", f"{ratio:.1f}x"))
    ratio = times[PEER].ratio_to(times[PLAIN])
    result.targets.append(
        Target(f"at least {MIN_RATIO}x as fast as {PEER}", f"{ratio:.1f}x", ratio >= MIN_RATIO)
    )
    large = batch(LARGE // size)
    own, peer = _peak(lambda: transform(large)), _peak(lambda: straightforward(large))
    result.notes += [
        f"{RECORDS} records of {size} bytes on average, 1 in 100 is bad; both make the "
        "same checks and the same output.",
        "About a third of the transform's time is base64 and parsing in native code, and a seventh "
        "is the check of 13 fields; the rest is calls, tuples and dicts for each record.",
        f"Peak memory in addition to a batch of {LARGE / 1e6:.0f} MB: {own / 1e6:.0f} MB, compared "
        f"with {peer / 1e6:.0f} MB ({own / peer:.2f}x) and a response that exceeds Lambda's limit.",
    ]
    return result


def batch(count: int, wrap: bool = False) -> dict[str, Any]:
    """Return an event of records as Firehose sends it."""
    chance = random.Random(1)
    records = []
    for number in range(count):
        content = b"{no json" if number % 100 == 99 else _reading(number, chance)
        if wrap:
            data = base64.b64encode(content).decode()
            content = json.dumps({"data": data, "device": "d-1", "received_at": NOW}).encode()
        records.append(
            {
                "recordId": f"4966{number:052d}",
                "approximateArrivalTimestamp": NOW,
                "data": base64.b64encode(content).decode(),
            }
        )
    return {
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:1:deliverystream/d",
        "records": records,
    }


def straightforward(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Transform records in the straightforward way."""
    output = []
    seen = set()
    for record in event["records"]:
        try:
            payload = json.loads(base64.b64decode(record["data"]).decode("utf-8"))
            _validate(payload)
            if payload["reading_id"] in seen:
                output.append({"recordId": record["recordId"], "result": "Dropped"})
                continue
            seen.add(payload["reading_id"])
            arrived_at = record["approximateArrivalTimestamp"]
            age = arrived_at - payload["measured_at"]
            if not -HOUR <= age <= 7 * DAY:
                raise ValueError("time")
            line = {**payload, "received_at": arrived_at, "late": age > HOUR}
            data = base64.b64encode((json.dumps(line) + "\n").encode("utf-8")).decode("utf-8")
            day = time.strftime("%Y-%m-%d", time.gmtime(payload["measured_at"] / 1000))
            metadata = {"partitionKeys": {"day": day}}
            output.append(
                {"recordId": record["recordId"], "result": "Ok", "data": data, "metadata": metadata}
            )
        except Exception:
            output.append({"recordId": record["recordId"], "result": "ProcessingFailed"})
    return output


def _validate(payload: dict[str, Any]) -> None:  # noqa: C901  straightforward
    kinds = {"string": str, "int": int, "bigint": int, "double": (int, float), "boolean": bool}
    for name in payload:
        if name not in FIELDS:
            raise ValueError(name)
    for name, spec in FIELDS.items():
        if name not in payload:
            if spec.get("optional"):
                continue
            raise ValueError(name)
        value = payload[name]
        if not isinstance(value, kinds[spec["type"]]):  # type: ignore[arg-type]
            raise ValueError(name)
        if "minimum" in spec and value < spec["minimum"]:
            raise ValueError(name)
        if "maximum" in spec and value > spec["maximum"]:
            raise ValueError(name)
        if "max_length" in spec and len(value) > spec["max_length"]:
            raise ValueError(name)
        if "values" in spec and value not in spec["values"]:
            raise ValueError(name)


def _reading(number: int, chance: random.Random) -> bytes:
    reading = {
        "schema_version": 1,
        "reading_id": f"{chance.getrandbits(128):032x}",
        "device_id": "d-1",
        "measured_at": NOW - chance.randrange(2 * HOUR),
        "temperature": round(chance.gauss(20, 5), 2),
        "humidity": round(chance.random() * 100, 1),
        "battery": round(3 + chance.random(), 3),
        "charging": number % 2 == 0,
        "state": "ok",
        "firmware": "2.1.4",
        "site": "Gro\u00dfe Halle, Feld 7, Reihe 12",
        "note": f"calibrated {chance.getrandbits(64):x} " * 9,
        "trace": f"{chance.getrandbits(128):032x}",
    }
    return json.dumps(reading, separators=(",", ":"), ensure_ascii=False).encode()


def _decoding(event: dict[str, Any]) -> None:
    import orjson
    import pybase64

    for record in event["records"]:
        raw = pybase64.b64decode(record["data"], validate=True)
        try:
            orjson.loads(raw)
        except ValueError:
            continue
        pybase64.b64encode_as_string(raw)


def _seen(records: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return the parts of the results that must be equal."""
    return [
        (
            each["recordId"],
            each["result"],
            each.get("metadata"),
            json.loads(base64.b64decode(each["data"])) if "data" in each else None,
        )
        for each in records
    ]


class _NoPutBack:
    """Accepts records that do not fit in the response; only the large batch has such records."""

    def put(self, source: Any, records: Any) -> list[int]:
        return []


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
