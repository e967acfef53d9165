"""Sunset: the day on which a version of an API goes away, as RFC 8594 writes it."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from .._blocks.validate import Problems

_WANTED = "'2027-06-30', '2027-06-30T12:00:00Z' or 'Wed, 30 Jun 2027 12:00:00 GMT'"


def http_date(text: str) -> str:
    """A date as HTTP writes it: `Wed, 30 Jun 2027 00:00:00 GMT`.

    Args:
        text: an ISO 8601 date (its first moment in UTC) or time with its offset, or an HTTP date.

    Raises:
        ValueError: it is none of these.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _checked(text)
    if moment.tzinfo is None and len(text) > len("2027-06-30"):
        raise ValueError("a time needs its offset")
    return format_datetime(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC), usegmt=True)


def _checked(text: str) -> str:
    """An HTTP date as it is: the parser alone would take a wrong weekday and other zones."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError) as error:
        raise ValueError("neither ISO 8601 nor HTTP") from error
    if moment.tzinfo is None or format_datetime(moment.astimezone(UTC), usegmt=True) != text:
        raise ValueError("not the form of HTTP dates")
    return text


def check_sunset(problems: Problems, text: str) -> None:
    """Check the `sunset` argument of a component; empty is none."""
    try:
        if text:
            http_date(text)
    except ValueError:
        problems.that(False, "sunset", f"'{text}' is no date; give {_WANTED}")
