"""The result of a batch."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts of processed rows, and indexes of failed records."""

    sent: int = 0
    """Number of rows that the bus accepted."""
    parked: int = 0
    """Number of records that were stored in the failures bucket."""
    failed: list[int] = field(default_factory=list)
    """Indexes, in the batch, of the records to retry."""
