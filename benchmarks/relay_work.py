"""Relay work: CPU time of the relay per record, with clients that answer immediately."""

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
MAX_MICROSECONDS = 3
COLUMNS = ("CPU time per record", "us", "Ratio")
PEER, OWN, MARKS = "boto3's deserializer and `json.dumps`", "**relay**", "of which marks"
PARSE = "parsing the event (in the Lambda runtime)"


def measure(rounds: int) -> Result:
    """Relay stream records to fake clients."""
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
            f"at most {MAX_MICROSECONDS} us of CPU time per record, marks included",
            f"{found:.1f} us",
            found <= MAX_MICROSECONDS,
        )
    )
    result.notes.append(f"Ratio: relative to the conversion of a record to an entry with {PEER}.")
    return result
