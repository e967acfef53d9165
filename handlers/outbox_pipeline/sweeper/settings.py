"""The settings of the sweeper."""

from dataclasses import dataclass

from .._shared.publisher import PublisherSettings


@dataclass(frozen=True)
class Settings(PublisherSettings):
    """Read from the variables of the same names in capitals."""

    resend_after_seconds: int
    """Age at which an unmarked row is sent again; longer than the relay's own retries take."""
