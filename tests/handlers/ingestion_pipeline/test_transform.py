"""The transform: one result per record. Valid ones become lines, invalid ones have a reason."""

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingestion_pipeline.transform import app

from .batches import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SCHEMA,
    WINDOW,
    Putter,
    event,
    line,
    reading,
    text,
    transform,
    wrapped,
)

RECORDED = sorted(Path(__file__).parent.glob("firehose_*.json"))


def results(*contents: object, **how: Any) -> list[str]:
    return [each["result"] for each in transform(**how)(event(*contents)).records]


def reason(content: object) -> str:
    outcome = transform()(event(content))
    assert [each["result"] for each in outcome.records] == ["ProcessingFailed"]
    (why,) = outcome.reasons.values()
    assert outcome.counts[why.split(":")[0]] == 1 and outcome.counts["ok"] == 0
    return why


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_events_become_lines(path: Path):
    recorded = json.loads(path.read_text())
    (record,) = transform()(recorded).records
    assert record["recordId"] == recorded["records"][0]["recordId"]
    assert record["result"] == "Ok"
    assert record["metadata"] == {"partitionKeys": {"day": "2026-11-21"}}
    assert line(record)["late"] is False and line(record)["temperature"] in (21.5, 18.25)


def test_the_wrapper_of_the_rule_has_the_time_of_arrival():
    (record,) = transform()(event(wrapped(reading(), received_at=NOW - 500))).records
    assert line(record) == {**reading(), "received_at": NOW - 500, "late": False}


def test_white_space_does_not_pad_the_table():
    record = reading()
    padded = text(record).replace(b",", b"," + b" " * 100_000, 1)
    [made] = transform()(event(padded)).records
    assert made["result"] == "Ok" and len(base64.b64decode(made["data"])) < 500
    assert line(made)["reading_id"] == record["reading_id"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"data": None}, "not-json"),
        ({"data": 5}, "not-json"),
        ({"approximateArrivalTimestamp": None}, "no-arrival-time"),
        ({"approximateArrivalTimestamp": "now"}, "no-arrival-time"),
        ({"kinesisRecordMetadata": None}, ""),
    ],
)
@pytest.mark.parametrize("remove", [False, True])
def test_a_record_with_holes_fails_alone(changes: dict[str, Any], why: str, remove: bool):
    batch = event(text(reading(reading_id="a")), text(reading(reading_id="b")))
    for name, value in changes.items():
        batch["records"][0][name] = value
        if remove:
            del batch["records"][0][name]
    outcome = transform()(batch)
    assert [each["recordId"] for each in outcome.records] == [
        each["recordId"] for each in batch["records"]
    ]
    assert outcome.records[1]["result"] == "Ok"
    assert list(outcome.reasons.values()) == ([why] if why else [])


def test_any_text_is_written_as_one_line():
    (record,) = transform()(event(reading(reading_id="a\nb\u2028c"))).records
    assert line(record)["reading_id"] == "a\nb\u2028c"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not-json"),
        (text(reading(reading_id="")), "out-of-range: reading_id"),
        (text(reading(device_id="")), "out-of-range: device_id"),
        (b"\xff\xfe", "not-json"),
        (b"{", "not-json"),
        (b'{"temperature": NaN}', "not-json"),
        ([1], "not-an-object"),
        (None, "not-an-object"),
        (b"1", "not-an-object"),
        (reading(schema_version=None), "unknown-version: schema_version"),
        (reading(schema_version=9), "unknown-version: schema_version"),
        (reading(schema_version=True), "unknown-version: schema_version"),
        (reading(schema_version=[1]), "unknown-version: schema_version"),
        (reading(temperature=None), "missing-field: temperature"),
        (reading(password="x"), "unknown-field"),
        (reading(battery=3.7), "unknown-field"),  # in version 2 only
        (reading(temperature="warm"), "wrong-type: temperature"),
        (reading(temperature=True), "wrong-type: temperature"),
        (reading(temperature=90.1), "out-of-range: temperature"),
        (reading(device_id="x" * 65), "out-of-range: device_id"),
        (reading(measured_at=1.5), "wrong-type: measured_at"),
        (reading(measured_at=2**63), "out-of-range: measured_at"),
        (reading(measured_at=NOW + 6 * MINUTE), "in-future: measured_at"),
        (reading(measured_at=NOW - 7 * DAY - 1), "too-old: measured_at"),
        (wrapped(reading(), device="d-2"), "wrong-device: device_id"),
        (wrapped(b"\xff"), "not-json"),
        (text({"data": "%%%", "device": "d-1", "received_at": NOW}), "not-json"),
        (wrapped(reading(), received_at="now"), "not-json"),
        # A device cannot forge the wrapper: its own is inside the wrapper of the rule.
        (wrapped(wrapped(reading(), device="d-2")), "unknown-version: schema_version"),
    ],
)
def test_an_invalid_record_is_rejected_with_reason_and_field(content: object, why: str):
    assert reason(content) == why


@pytest.mark.parametrize(
    "raw",
    [
        text(reading()).replace(b', "', b',\n "'),
        text(reading()) + b" \r\n",
        text(reading()).replace(b"d-1", b"\\u0064-1"),
        text(reading()).replace(b'"temperature": 21.5', b'"temperature": 99, "temperature": 21.5'),
        text(reading()).replace(b'"temperature"', b'"temperatur\\u0065"'),
    ],
)
def test_the_line_has_each_field_once_in_any_notation(raw: bytes):
    (record,) = transform()(event(raw)).records
    written = base64.b64decode(record["data"])
    assert line(record) == {**reading(), "received_at": NOW, "late": False}
    assert written.count(b'"temperature"') == 1 and b"\r" not in written


def test_both_schema_versions_are_accepted():
    newer = reading(schema_version=2, reading_id="r-2", battery=3.7, state="ok")
    assert results(reading(), newer) == ["Ok", "Ok"]


@pytest.mark.parametrize(
    ("ago", "late", "day"),
    [
        (-5 * MINUTE, False, "2026-11-21"),
        (HOUR, False, "2026-11-21"),
        (HOUR + 1, True, "2026-11-21"),
        (12 * HOUR + 1, True, "2026-11-20"),
        (7 * DAY, True, "2026-11-14"),
    ],
)
def test_late_records_are_marked_and_keep_the_day_of_measurement(ago: int, late: bool, day: str):
    (record,) = transform()(event(reading(measured_at=NOW - ago))).records
    assert line(record)["late"] is late
    assert record["metadata"]["partitionKeys"] == {"day": day}


def test_duplicates_in_a_batch_are_dropped_but_a_different_reading_with_the_same_id_fails():
    outcome = transform()(event(reading(), reading(), reading(temperature=3.0)))
    assert [each["result"] for each in outcome.records] == ["Ok", "Dropped", "ProcessingFailed"]
    assert outcome.counts["duplicate"] == 1 and outcome.counts["id-reused"] == 1


def test_a_retried_batch_has_the_same_results():
    """Firehose retries the batch after a failure. A record that is dropped then would be lost."""
    once = transform()
    assert once(event(reading())).records == once(event(reading())).records


def test_records_that_exceed_the_response_limit_are_reingested():
    putter = Putter()
    contents = [reading(reading_id=f"r-{number}") for number in range(20)]
    batch = event(*contents)
    batch["sourceKinesisStreamArn"] = "arn:aws:kinesis:us-east-1:1:stream/s"
    batch["records"][19]["kinesisRecordMetadata"] = {"partitionKey": "d-1"}
    outcome = transform(putter, limit=5000)(batch)
    done = Counter(each["result"] for each in outcome.records)
    assert 0 < done["Ok"] < 20 and done["Dropped"] == 20 - done["Ok"]
    assert len(json.dumps({"records": outcome.records})) <= 5000
    assert [json.loads(each.data) for each in putter.puts] == contents[done["Ok"] :]
    assert putter.puts[-1].partition_key == "d-1"
    assert [each.kinesis_stream for each in putter.sources] == ["s"]
    assert outcome.counts["reingested"] == done["Dropped"]


def test_records_that_cannot_be_reingested_are_kept_as_failed():
    contents = [reading(reading_id=f"r-{number}") for number in range(20)]
    outcome = transform(Putter(refuses=[0, 1]), limit=5000)(event(*contents))
    done = Counter(each["result"] for each in outcome.records)
    assert done["ProcessingFailed"] == 2 == outcome.counts["not-reingested"]
    assert outcome.counts["reingested"] == done["Dropped"] == 18 - done["Ok"]


def test_the_handler_prints_metrics_without_contents(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(app, "transform", transform)
    batch = event(reading(), reading(), reading(temperature="secret"), b"secret")
    answer = app.handler(batch, None)
    assert set(answer) == {"records"}
    printed = capsys.readouterr().out
    found = json.loads(printed)
    assert "secret" not in printed and found["DeliveryStream"] == "d"
    assert (found["Accepted"], found["Duplicates"], found["Rejected"]) == (1, 1, 2)


def test_an_explanation_names_reasons_and_emits_no_metrics(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(app, "transform", transform)
    answer = app.handler({**event(reading(), b"x"), "explain": True}, None)
    assert answer["reasons"] == {"id-1": "not-json"}
    assert capsys.readouterr().out == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(sorted(SCHEMA.fields[2]))
NEARLY = st.dictionaries(FIELDS, JSON, max_size=4).map(lambda odd: {**reading(), **odd})
CONTENT = (
    st.binary(max_size=200)
    | JSON.map(text)
    | NEARLY.map(text)
    | st.binary(max_size=60).map(wrapped)
    | NEARLY.map(wrapped)
)


@given(st.lists(CONTENT, max_size=12), st.integers(0, 6000), st.sets(st.integers(0, 11)))
def test_any_bytes_produce_one_result_per_record_within_the_limit(
    contents: list[bytes], limit: int, refused: set[int]
):
    putter = Putter(refuses=sorted(refused))
    batch = event(*contents)
    records = transform(putter, limit=limit)(batch).records
    assert sorted(each["recordId"] for each in records) == sorted(
        each["recordId"] for each in batch["records"]
    )
    written = sum(len(each["data"]) for each in records if each["result"] == "Ok")
    assert written <= max(0, limit)
    for each in records:
        assert each["result"] in ("Ok", "Dropped", "ProcessingFailed")
        if each["result"] == "Ok":
            content = line(each)
            received_at, late = content.pop("received_at"), content.pop("late")
            SCHEMA.check(content)
            assert late is (received_at - content["measured_at"] > WINDOW.late)


@given(st.binary(max_size=300))
def test_a_record_can_have_any_data(data: bytes):
    """The data does not have to be Base64."""
    batch = event(b"")
    batch["records"][0]["data"] = data.decode("latin-1")
    assert len(transform()(batch).records) == 1
    batch["records"][0]["data"] = base64.b64encode(data).decode()
    assert len(transform()(batch).records) == 1
