"""SQL for Redshift, generated from the schema: the table and its COPY job."""

from .schema import ADDED, TelemetrySchema

_TYPES = {
    "int": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
}
_MAX_BYTES = 65535
_FORMATS = {"json": "FORMAT JSON 'auto' GZIP", "parquet": "FORMAT PARQUET"}


def create_table(schema: TelemetrySchema) -> str:
    """Return the statement for a table with the columns of all versions, in the order of files."""
    types = {
        name: _varchar(spec.get("max_length")) if spec["type"] == "string" else _TYPES[spec["type"]]
        for name, spec in schema.columns.items()
    }
    types.update({name: _TYPES[type_] for name, type_ in ADDED.items()})
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    return f'CREATE TABLE IF NOT EXISTS "{schema.table}" ({columns})'


def copy_job(schema: TelemetrySchema, format: str, location: str, role_arn: str) -> str:
    """Return the statement for a job that copies each new file below `location` once.

    https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html
    """
    return (
        f"COPY \"{schema.table}\" FROM '{location}' IAM_ROLE '{role_arn}' {_FORMATS[format]} "
        f"JOB CREATE {schema.table}_files AUTO ON"
    )


def _varchar(characters: int | None) -> str:
    # Redshift counts bytes, the schema counts characters.
    return f"VARCHAR({min(4 * characters, _MAX_BYTES) if characters else _MAX_BYTES})"
