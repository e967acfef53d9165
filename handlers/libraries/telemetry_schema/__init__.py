"""Checks records against the versions of a schema document.

    schema = Schema.load()
    record = schema.check({"schema_version": 1, ...})

The document is JSON, made by the component from YAML; the transform function and producers use the
same one. docs/telemetry.md describes its form.
"""

from .fields import Field
from .rejected import Rejected
from .schema import Keys, Schema

__all__ = ["Field", "Keys", "Rejected", "Schema"]
