"""Formats times of responses."""

from datetime import UTC, datetime


def utc_text(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds, as browsers write it. It is sortable.

    Raises:
        OverflowError: the time is outside the years 1 to 9999 in UTC.
    """
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
