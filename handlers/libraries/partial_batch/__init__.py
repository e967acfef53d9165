"""Returns partial batch responses, so that only failed messages are retried.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["BadRecord", "process"]

logger = logging.getLogger(__name__)


class BadRecord(Exception):
    """A record that cannot be handled. The message is logged, so it must not have contents."""


def process(
    records: Iterable[dict[str, Any]],
    handle: Callable[[dict[str, Any]], object],
    identifier: Callable[[dict[str, Any]], str] = lambda record: str(record["messageId"]),
) -> dict[str, list[dict[str, str]]]:
    """Handle each record, and log and report those that fail.

    Args:
        records: the `Records` of the event.
        handle: handles one record, or raises.
        identifier: returns the ID of a record for Lambda. Default: the SQS message ID.

    Returns:
        The result of the function: `{"batchItemFailures": [{"itemIdentifier": ...}, ...]}`.
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
    """Return type and location of an error, with its message only if that has no contents."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    # The response of a botocore timeout is None.
    code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code", "")
    message = str(error) if isinstance(error, BadRecord) else code
    return f"{type(error).__name__} {message} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
