"""Write docs/telemetry-schema.md from schemas/telemetry.yaml: `python -m tools.telemetry_docs`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.ingestion_pipeline.queries import report_queries
from components.ingestion_pipeline.schema import ADDED, PARTITION, TelemetrySchema

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "schemas/telemetry.yaml"
TARGET = ROOT / "docs/telemetry-schema.md"


def main() -> None:
    """Write the page anew."""
    TARGET.write_text(page(TelemetrySchema(SOURCE.read_text())))


def page(schema: TelemetrySchema) -> str:
    """What records and reports look like, as Markdown."""
    return "\n".join(_lines(schema)) + "\n"


def _lines(schema: TelemetrySchema) -> Iterator[str]:
    yield f"# Records of `{schema.table}`"
    yield ""
    yield "<!-- written by `python -m tools.telemetry_docs` from schemas/telemetry.yaml -->"
    yield ""
    yield schema.description
    for version, fields in schema.versions.items():
        yield from ("", f"## Version {version}", "")
        yield "| Field | Type | Needed | Limits | Meaning |"
        yield "| --- | --- | --- | --- | --- |"
        for name, spec in fields.items():
            needed = "no" if spec.get("optional") else "yes"
            cells = (f"`{name}`", spec["type"], needed, _limits(spec), spec["description"])
            yield f"| {' | '.join(cells)} |"
    yield from ("", "## Columns that the pipeline adds", "")
    added = ", ".join(f"`{name}` ({type_})" for name, type_ in ADDED.items())
    yield f"{added}; `{PARTITION}` is the partition, the day of measurement in UTC."
    yield from ("", "## Named queries", "")
    yield "Each takes the day: `'2026-11-21'`."
    for name, sql in report_queries(schema).items():
        yield from ("", f"### {name}", "", "```sql", sql, "```")


def _limits(spec: dict[str, Any]) -> str:
    parts = []
    for key, word in (("minimum", "from"), ("maximum", "to")):
        if key in spec:
            parts.append(f"{word} {spec[key]}")
    if "max_length" in spec:
        parts.append(f"at most {spec['max_length']} characters")
    if "values" in spec:
        parts.append(", ".join(spec["values"]))
    if "unit" in spec:
        parts.append(f"in {spec['unit']}")
    return ", ".join(parts)


if __name__ == "__main__":
    main()
