"""SQL of the reports, generated from the schema. Each query has one parameter: the day.

A record that was delivered twice counts once. The SQL runs in both Athena and DuckDB. Percentiles
are exact (nearest rank).
"""

from .schema import PARTITION, TelemetrySchema

_PERCENTILES = (50, 95, 99)
_HOUR = 3_600_000


def report_queries(schema: TelemetrySchema) -> dict[str, str]:
    """Return the SQL of each report, by name."""
    return {"devices": _devices(schema), "hours": _hours(schema), "quality": _quality(schema)}


def _once(schema: TelemetrySchema) -> str:
    return (
        f"WITH once AS (\n"
        f"  SELECT * FROM (\n"
        f"    SELECT {schema.table}.*, row_number() OVER (\n"
        f"      PARTITION BY {schema.keys['id']} ORDER BY received_at) AS copy\n"
        f"    FROM {schema.table} WHERE {PARTITION} = ?\n"
        f"  ) AS copies WHERE copy = 1\n"
        f")"
    )


def _devices(schema: TelemetrySchema) -> str:
    device, time = schema.keys["device"], schema.keys["time"]
    columns = [
        device,
        "count(*) AS readings",
        "sum(CASE WHEN late THEN 1 ELSE 0 END) AS late",
        f"min({time}) AS first_at",
        f"max({time}) AS last_at",
    ]
    for measure in schema.measures:
        columns += [
            f"min({measure}) AS {measure}_min",
            f"avg({measure}) AS {measure}_avg",
            f"max({measure}) AS {measure}_max",
        ]
    listed = ",\n  ".join(columns)
    return f"{_once(schema)}\nSELECT\n  {listed}\nFROM once\nGROUP BY {device}\nORDER BY {device}"


def _hours(schema: TelemetrySchema) -> str:
    time, device = schema.keys["time"], schema.keys["device"]
    ranks = []
    columns = [
        "hour",
        "count(*) AS readings",
        f"count(DISTINCT {device}) AS devices",
        "sum(CASE WHEN late THEN 1 ELSE 0 END) AS late",
    ]
    for measure in schema.measures:
        hour = f"OVER (PARTITION BY {time} - {time} % {_HOUR}"
        ranks += [
            f"row_number() {hour} ORDER BY {measure} NULLS LAST) AS {measure}_rank",
            f"count({measure}) {hour}) AS {measure}_count",
        ]
        columns += [
            f"min(CASE WHEN {measure}_rank * 100 >= {measure}_count * {percent} "
            f"THEN {measure} END) AS {measure}_p{percent}"
            for percent in _PERCENTILES
        ]
    ranked = ",\n    ".join([f"once.*, {time} - {time} % {_HOUR} AS hour", *ranks])
    listed = ",\n  ".join(columns)
    return (
        f"{_once(schema)}, ranked AS (\n  SELECT\n    {ranked}\n  FROM once\n)\n"
        f"SELECT\n  {listed}\nFROM ranked\nGROUP BY hour\nORDER BY hour"
    )


def _quality(schema: TelemetrySchema) -> str:
    version, id_ = schema.keys["version"], schema.keys["id"]
    return (
        f"SELECT\n  {version},\n  count(*) AS copies,\n  count(DISTINCT {id_}) AS readings,\n"
        f"  sum(CASE WHEN late THEN 1 ELSE 0 END) AS late\n"
        f"FROM {schema.table} WHERE {PARTITION} = ?\nGROUP BY {version}\nORDER BY {version}"
    )


_TYPES = {"string": "STRING", "int": "INTEGER", "bigint": "INTEGER", "double": "DECIMAL"}


def recent_columns(schema: TelemetrySchema) -> dict[str, str]:
    """Return the QuickSight type of each column of `recent_query`."""
    types = {name: _TYPES.get(spec["type"], "BOOLEAN") for name, spec in schema.columns.items()}
    return {**types, schema.keys["time"]: "DATETIME", "late": "BOOLEAN"}


def recent_query(schema: TelemetrySchema, database: str, days: int) -> str:
    """Return SQL for the records of today and the `days` before, without duplicates.

    The time is a timestamp instead of a number.
    """
    time = schema.keys["time"]
    columns = ", ".join(
        f"CAST(from_unixtime({time} / 1000.0) AS timestamp) AS {time}" if name == time else name
        for name in recent_columns(schema)
    )
    return (
        f"SELECT {columns} FROM (\n"
        f"  SELECT *, row_number() OVER (\n"
        f"    PARTITION BY {schema.keys['id']} ORDER BY received_at) AS copy\n"
        f'  FROM "{database}"."{schema.table}"\n'
        f"  WHERE {PARTITION} >= CAST(current_date - INTERVAL '{days}' DAY AS varchar)\n"
        f") AS copies WHERE copy = 1"
    )
