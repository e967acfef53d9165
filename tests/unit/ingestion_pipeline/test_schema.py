"""The schema document: what is derived from it, and which documents are refused."""

import copy
from typing import Any

import pytest
import yaml

from components.ingestion_pipeline.queries import report_queries
from components.ingestion_pipeline.schema import TelemetrySchema
from tests.projects import ROOT
from tools import telemetry_docs

TEXT = (ROOT / "schemas" / "telemetry.yaml").read_text()


def changed(path: str, value: Any) -> str:
    """Return the document with one entry changed (None: removed)."""
    document = copy.deepcopy(yaml.safe_load(TEXT))
    at, *rest = path.split("/")
    place: Any = document
    for step in [at, *rest][:-1]:
        place = place[int(step) if step.isdigit() else step]
    last = path.split("/")[-1]
    key: Any = int(last) if last.isdigit() else last
    if value is None:
        del place[key]
    else:
        place[key] = value
    return yaml.safe_dump(document)


def test_a_version_has_the_fields_of_the_one_that_it_extends():
    schema = TelemetrySchema(TEXT)
    assert list(schema.versions) == [1, 2]
    assert schema.versions[1].keys() < schema.versions[2].keys()
    assert "battery" not in schema.versions[1]


def test_the_bundled_document_is_the_same_for_the_same_text():
    assert TelemetrySchema(TEXT).json() == TelemetrySchema(TEXT).json()
    other = changed("versions/1/fields/temperature/maximum", 50)
    assert TelemetrySchema(other).json() != TelemetrySchema(TEXT).json()


def test_every_measure_is_in_the_reports():
    schema = TelemetrySchema(TEXT)
    queries = report_queries(schema)
    assert schema.measures == ["temperature", "humidity", "battery"]
    for measure in schema.measures:
        assert f"avg({measure})" in queries["devices"]
        assert f"{measure}_p95" in queries["hours"]
    assert all(sql.count("?") == 1 for sql in queries.values())


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("table", "Read-ings", "table: must be a name of lowercase letters"),
        ("keys/id", None, "keys: must name the fields for id, device, time, version"),
        (
            "keys/id",
            "temperature",
            "versions.1.temperature: must be a field of type string that is not optional, since "
            "keys.id names it",
        ),
        ("keys/time", "no_such", "versions.1.no_such: must be a field of type"),
        ("versions", {}, "versions: must have at least one version"),
        ("versions/1/fields", None, "versions.1: must have `fields`"),
        ("versions/2/extends", 3, "versions.2.extends: must be an earlier version"),
        ("versions/1/fields/temperature/type", "text", "versions.1.temperature.type: must be one"),
        ("versions/1/fields/temperature/unitt", "C", "versions.1.temperature.unitt: is not an"),
        ("versions/1/fields/temperature/description", None, "versions.1.temperature.description"),
        (
            "versions/1/fields/Upper",
            {"type": "int", "description": "x"},
            "versions.1.Upper: must be a name of lowercase letters",
        ),
        ("versions/1/fields/late", {"type": "boolean", "description": "x"}, "and not received_at"),
        (
            "versions/1/fields/device_id/measure",
            True,
            "versions.1.device_id.measure: requires a number",
        ),
        (
            "versions/2/fields/temperature",
            {"type": "string", "description": "x"},
            "versions.2.temperature: is of type string, but of type double in an earlier version",
        ),
        ("extra", 1, "extra: is not an entry; known are"),
    ],
)
def test_each_problem_is_reported_with_its_path(path: str, value: Any, message: str):
    with pytest.raises(ValueError, match=r".") as caught:
        TelemetrySchema(changed(path, value))
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "{", "a: ["])
def test_text_that_is_not_a_document_is_refused(text: str):
    with pytest.raises(ValueError, match=r"is not a mapping|neither YAML nor JSON"):
        TelemetrySchema(text)


def test_the_page_about_records_matches_the_document():
    """`python -m tools.telemetry_docs` regenerates the page."""
    assert telemetry_docs.TARGET.read_text() == telemetry_docs.page(TelemetrySchema(TEXT))
