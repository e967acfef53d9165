"""Batches of records as Firehose sends them, and a transform without AWS."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion_pipeline.transform.readings import Window
from ingestion_pipeline.transform.reply import LIMIT
from ingestion_pipeline.transform.transform import Transform
from reingestion import Put, Source
from telemetry_schema import Schema

from components.ingestion_pipeline.schema import TelemetrySchema

ROOT = Path(__file__).resolve().parents[3]
NOW = 1_795_262_400_000  # 2026-11-21T12:00:00Z
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WINDOW = Window(late=HOUR, oldest=7 * DAY, ahead=5 * MINUTE)
SCHEMA = Schema(
    json.loads(TelemetrySchema((ROOT / "schemas" / "telemetry.yaml").read_text()).json())
)


class Putter:
    """Accepts reingested records except for the given indexes."""

    def __init__(self, refuses: Sequence[int] = ()) -> None:
        self.refuses = list(refuses)
        self.puts: list[Put] = []
        self.sources: list[Source] = []

    def put(self, source: Source, records: Sequence[Put]) -> list[int]:
        self.sources.append(source)
        self.puts += [each for index, each in enumerate(records) if index not in self.refuses]
        return [index for index in self.refuses if index < len(records)]


def transform(putter: Putter | None = None, limit: int = LIMIT, **more: Any) -> Transform:
    return Transform(SCHEMA, WINDOW, putter or Putter(), limit, **more)


def reading(**changes: Any) -> dict[str, Any]:
    """Return a valid reading. A change to None removes the field."""
    good = {
        "schema_version": 1,
        "reading_id": "r-1",
        "device_id": "d-1",
        "measured_at": NOW - 1000,
        "temperature": 21.5,
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def text(content: object) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def wrapped(content: object, device: str = "d-1", received_at: Any = NOW) -> bytes:
    data = base64.b64encode(text(content)).decode()
    return text({"data": data, "device": device, "received_at": received_at})


def event(*contents: object) -> dict[str, Any]:
    """Return an event with these contents. Bytes are used unchanged, other values as JSON."""
    return {
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:1:deliverystream/d",
        "records": [
            {
                "recordId": f"id-{number}",
                "approximateArrivalTimestamp": NOW,
                "data": base64.b64encode(text(content)).decode(),
            }
            for number, content in enumerate(contents)
        ],
    }


def line(record: dict[str, Any]) -> Any:
    """Return the parsed JSON line of a record with the result `Ok`."""
    written = base64.b64decode(record["data"])
    assert written.endswith(b"\n") and written.count(b"\n") == 1
    return json.loads(written)
