"""The `Sunset` header of RFC 8594: when a version of an API is withdrawn."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Optional

from .arguments import Problems

_FORMS = "'2027-06-30', '2027-06-30T12:00:00Z' or 'Wed, 30 Jun 2027 12:00:00 GMT'"


def http_date(text: str) -> str:
    """Return a date in the form of HTTP: `Wed, 30 Jun 2027 00:00:00 GMT`.

    Args:
        text: an ISO 8601 date (midnight UTC) or time with its offset, or an HTTP date.

    Raises:
        ValueError: the text is none of these.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _checked(text)
    if moment.tzinfo is None and len(text) > len("2027-06-30"):
        raise ValueError("the time has no offset")
    return format_datetime(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC), usegmt=True)


def _checked(text: str) -> str:
    """Return an HTTP date. The parser alone accepts a wrong weekday and other time zones."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError) as error:
        raise ValueError("neither ISO 8601 nor HTTP") from error
    if moment.tzinfo is None or format_datetime(moment.astimezone(UTC), usegmt=True) != text:
        raise ValueError("not in the form of HTTP dates")
    return text


def sunset_variable(text: Optional[str]) -> dict[str, str]:
    """Return the environment variable from which the library `api` takes the header."""
    return {"SUNSET": http_date(text)} if text else {}


def check_sunset(problems: Problems, text: Optional[str]) -> None:
    """Check the argument `sunset`."""
    try:
        if text:
            http_date(text)
    except ValueError:
        problems.add("sunset", f"is '{text}'; it must be a date such as {_FORMS}")
