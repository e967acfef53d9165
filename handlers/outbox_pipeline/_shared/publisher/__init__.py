"""Outbox rows to the event bus: batched, in order, nothing lost. It knows no schema.

    report = Publisher(settings, Clients()).publish(stream_records)

A row ends in one of three ways: sent (and marked, so that it expires), parked (no retry could help:
the whole record is in the failure store), or failed (the caller reports it, to be tried again).
"""

from .publisher import Publisher
from .report import Report
from .settings import PublisherSettings

__all__ = ["Publisher", "PublisherSettings", "Report"]
