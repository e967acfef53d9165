"""The settings of the publisher."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublisherSettings:
    """Read from the variables of the same names in capitals."""

    outbox_table: str
    """Name of the outbox table."""
    event_bus: str
    """Name of the event bus."""
    claims_bucket: str
    """Bucket for the details that are too large for the bus."""
    failures_bucket: str
    """Bucket for the records that no retry could help."""
    sent_retention_days: int
    """Days that a sent row is kept."""
