"""Relay work: the relay's own CPU time for a record, with clients that answer at once."""

import json
from types import SimpleNamespace
from typing import Any, cast

from boto3.dynamodb.types import TypeDeserializer
from outbox_pipeline._shared.publisher import Publisher
from outbox_pipeline._shared.publisher.marks import Marks
from outbox_pipeline.relay.app import relay

from benchmarks.fakes import FakeBus, FakeContext, FakeTable
from benchmarks.outbox_table import OutboxTable, parts
from benchmarks.relay import BATCH, SETTINGS
from benchmarks.report import Result, Target
from benchmarks.rounds import cpu_of_one, interleave
from local.emulator.process import Emulator

RECORDS = 400
PASSES = 25
MOST_MICROSECONDS = 3
COLUMNS = ("CPU time of a record", "us", "Ratio")
PEER, OWN, MARKS = "boto3's deserializer and `json.dumps`", "**relay**", "of it: marks"
PARSE = "parsing the event, which the runtime does"


def measure(rounds: int) -> Result:
    """Relay real stream records to fakes."""
    with Emulator() as emulator:
        records = OutboxTable(emulator, RECORDS).records
    batches = [{"Records": list(batch)} for batch in parts(records, BATCH)]
    texts = [json.dumps(batch, default=str) for batch in batches]
    table, context = FakeTable(), FakeContext()
    publisher = Publisher(SETTINGS, SimpleNamespace(events=FakeBus(), dynamodb=table))
    marks = Marks(SETTINGS.outbox_table, SETTINGS.sent_retention_days, cast(Any, table))
    images = [record["dynamodb"]["NewImage"] for record in records]
    keys = [(image["aggregateId"]["S"], image["sequence"]["N"]) for image in images]
    deserialize = TypeDeserializer().deserialize

    def own() -> None:
        for batch in batches:
            relay(batch, context, publisher)

    def mark() -> None:
        for part in parts(keys, BATCH):
            marks.sent(part)

    def peer() -> None:
        for image in images:
            row = {name: deserialize(value) for name, value in image.items()}
            json.dumps({"Source": row["source"], "Detail": row["detail"]})

    times = interleave(
        {
            PEER: cpu_of_one(peer, PASSES, RECORDS),
            OWN: cpu_of_one(own, PASSES, RECORDS),
            MARKS: cpu_of_one(mark, PASSES, RECORDS),
            PARSE: cpu_of_one(lambda: [json.loads(text) for text in texts], PASSES, RECORDS),
        },
        3 * rounds,  # each is short
    )
    found = times[OWN].median * 1e6
    result = Result("Relay's own work", COLUMNS)
    result.rows += [
        (name, f"{each.median * 1e6:.1f}", f"{each.ratio_to(times[PEER]):.2f}x")
        for name, each in times.items()
    ]
    result.targets.append(
        Target(
            f"at most {MOST_MICROSECONDS} us of own work for a record, marks included",
            f"{found:.1f} us",
            found <= MOST_MICROSECONDS,
        )
    )
    result.notes.append(f"Ratio: against turning a record into an entry with {PEER}, nothing sent.")
    return result
