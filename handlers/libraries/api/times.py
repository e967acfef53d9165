"""Times in responses."""

from datetime import UTC, datetime


def utc_text(time: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, as browsers write it; sorts as the times do.

    Raises:
        OverflowError: it is outside the years 1 to 9999 in UTC.
    """
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
