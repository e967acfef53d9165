"""The producers' check: what the pipeline would refuse need not be sent."""

import json
import sys
from functools import cache
from pathlib import Path

from components.ingestion_pipeline.schema import TelemetrySchema

_PROJECT = Path(__file__).resolve().parents[2]
# As the transform itself has it.
sys.path.insert(0, str(_PROJECT / "handlers/libraries"))
from telemetry_schema import Rejected, Schema  # noqa: E402


def reason(payload: bytes, device: str) -> str:
    """Why the pipeline would refuse a message of a device; empty for a good one."""
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
    text = (_PROJECT / "schemas/telemetry.yaml").read_text()
    return Schema(json.loads(TelemetrySchema(text).json()))
