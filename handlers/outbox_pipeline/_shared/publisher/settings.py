"""The settings of the publisher."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublisherSettings:
    """Read from the environment variables of the same names in uppercase."""

    outbox_table: str
    """Name of the outbox table."""
    event_bus: str
    """Name of the event bus."""
    claims_bucket: str
    """Bucket for details that are too large for the bus."""
    failures_bucket: str
    """Bucket for records that a retry cannot process."""
    sent_retention_days: int
    """Days for which a sent row is retained."""
