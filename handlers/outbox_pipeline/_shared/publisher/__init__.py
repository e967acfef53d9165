"""Publishes outbox rows to the event bus: in batches, in order and without loss, for any schema.

    report = Publisher(settings, Clients()).publish(stream_records)

A row is sent (and marked, so that it expires), parked (a retry cannot help, so the whole record is
stored in the failures bucket) or failed (the caller reports it, so that it is retried).
"""

from .publisher import Publisher
from .report import Report
from .settings import PublisherSettings

__all__ = ["Publisher", "PublisherSettings", "Report"]
