"""The result of a batch."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts of what is done, and the places of what is not."""

    sent: int = 0
    """Rows that the bus took."""
    parked: int = 0
    """Rows that went to the failure store."""
    failed: list[int] = field(default_factory=list)
    """Indexes, in the batch, of the records that must be tried again."""
