"""The settings of the sweeper."""

from dataclasses import dataclass

from .._shared.publisher import PublisherSettings


@dataclass(frozen=True)
class Settings(PublisherSettings):
    """Read from the environment variables of the same names in uppercase."""

    resend_after_seconds: int
    """Age at which an unmarked row is resent. Longer than the retries of the relay take."""
