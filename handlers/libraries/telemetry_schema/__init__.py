"""Checks records against the versions of a schema document.

    schema = Schema.load()
    schema.check({"schema_version": 1, ...})

The document is JSON, made by the component from YAML; the transform function and producers use the
same one. docs/telemetry.md describes its form.
"""

from .rejected import Rejected
from .schema import Keys, Schema

__all__ = ["Keys", "Rejected", "Schema"]
