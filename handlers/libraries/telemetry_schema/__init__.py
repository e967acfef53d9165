"""Checks records against the versions of a schema document.

    schema = Schema.load()
    schema.check({"schema_version": 1, ...})

The document is JSON, which the component creates from YAML. The transform function and producers
use the same document. docs/telemetry.md describes its format.
"""

from .rejected import Rejected
from .schema import Keys, Schema

__all__ = ["Keys", "Rejected", "Schema"]
