"""Checks messages before they are sent, as the pipeline does."""

import json
import sys
from functools import cache
from pathlib import Path

from components.ingestion_pipeline.schema import TelemetrySchema

_PROJECT = Path(__file__).resolve().parents[2]
# The import path of the transform function.
sys.path.insert(0, str(_PROJECT / "handlers/libraries"))
from telemetry_schema import Rejected, Schema  # noqa: E402


def reason(payload: bytes, device: str) -> str:
    """Return the reason for which the pipeline would reject a message, or "" if it is valid."""
    schema = _schema()
    try:
        record = json.loads(payload)
        schema.check(record)
    except Rejected as rejected:
        return rejected.reason
    except ValueError:
        return "not-json"
    return "" if record[schema.keys.device] == device else "wrong-device"


@cache
def _schema() -> Schema:
    text = (_PROJECT / "schemas/telemetry.yaml").read_text("utf-8")
    return Schema(json.loads(TelemetrySchema(text).json()))
