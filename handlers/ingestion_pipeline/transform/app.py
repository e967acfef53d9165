"""Transforms device records into lines of the table, for Amazon Data Firehose."""

import logging
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from aws_clients import Clients
from embedded_metrics import put_metrics
from reingestion import Reingestion, Source
from telemetry_schema import Schema

from .readings import Window
from .transform import Transform

logger = logging.getLogger(__name__)

_GOOD = ("ok", "late", "duplicate", "reingested")


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    late_after_minutes: int
    max_age_days: int
    max_future_minutes: int


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Transform a batch of records.

    Args:
        event: `{"deliveryStreamArn", "sourceKinesisStreamArn", "records": [{"recordId",
            "approximateArrivalTimestamp", "data", "kinesisRecordMetadata"}, ...]}`.
            https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
        context: the Lambda context object, not used.

    Returns:
        `{"records": [{"recordId", "result": "Ok" | "Dropped" | "ProcessingFailed", ...}, ...]}`,
        with every record once. An `Ok` record has `data`, one line of JSON, and its `day` as
        partition key. If the event has `"explain": true`, which Firehose does not send, also
        `{"reasons": {<recordId>: <reason>}}`.
    """
    records, counts, reasons = transform()(event)
    if event.get("explain"):
        return {"records": records, "reasons": reasons}
    logger.info("batch transformed", extra={"counts": dict(counts)})
    put_metrics({"DeliveryStream": Source.of(event).delivery_stream}, _metrics(counts))
    return {"records": records}


@cache
def transform() -> Transform:
    """Return the transform, created once for each execution environment."""
    settings = environment.read(Settings)
    window = Window(
        late=settings.late_after_minutes * 60_000,
        oldest=settings.max_age_days * 24 * 3600_000,
        ahead=settings.max_future_minutes * 60_000,
    )
    return Transform(Schema.load(), window, Reingestion(Clients()))


def _metrics(counts: "Counter[str]") -> dict[str, int]:
    return {
        "Accepted": counts["ok"],
        "Late": counts["late"],
        "Duplicates": counts["duplicate"],
        "Reingested": counts["reingested"],
        "Rejected": sum(count for what, count in counts.items() if what not in _GOOD),
    }
