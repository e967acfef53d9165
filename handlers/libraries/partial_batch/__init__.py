"""Partial batch responses: one bad message is reported alone and the others are done with.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["BadRecord", "process"]

logger = logging.getLogger(__name__)


class BadRecord(Exception):
    """A record that cannot be handled; its message is logged, so it carries no contents."""


def process(
    records: Iterable[dict[str, Any]],
    handle: Callable[[dict[str, Any]], object],
    identifier: Callable[[dict[str, Any]], str] = lambda record: str(record["messageId"]),
) -> dict[str, list[dict[str, str]]]:
    """Handle each record; log and report those that raise.

    Args:
        records: the `Records` of the function's event.
        handle: does one record, or raises.
        identifier: what Lambda knows a record by; the message ID of SQS by default.

    Returns:
        What the function answers: `{"batchItemFailures": [{"itemIdentifier": ...}, ...]}`.
    """
    failures = []
    for record in records:
        try:
            handle(record)
        except Exception as error:
            failures.append({"itemIdentifier": identifier(record)})
            logger.error(
                "record failed", extra={"record": identifier(record), "error": describe(error)}
            )
    return {"batchItemFailures": failures}


def describe(error: Exception) -> str:
    """Name the error and its place; only messages known to carry no contents are repeated."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    # botocore's timeouts have a response too: None.
    code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code", "")
    said = str(error) if isinstance(error, BadRecord) else code
    return f"{type(error).__name__} {said} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
