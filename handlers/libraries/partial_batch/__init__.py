"""Returns partial batch responses, so that only failed messages are retried.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["BadRecord", "more_time", "process"]

logger = logging.getLogger(__name__)

RESERVE_MS = 3_000
"""Time reserved for the record that is being handled and for the result."""


class BadRecord(Exception):
    """A record that cannot be handled. The message is logged, so it must not have contents."""


def more_time(context: Any, reserve_ms: int = RESERVE_MS) -> Callable[[], bool]:
    """Return a function that tells whether there is time for another record.

    Args:
        context: the Lambda context object.
        reserve_ms: milliseconds that another record can take.
    """
    return lambda: context.get_remaining_time_in_millis() > reserve_ms


def process(
    records: Iterable[dict[str, Any]],
    handle: Callable[[dict[str, Any]], object],
    identifier: Callable[[dict[str, Any]], str] = lambda record: str(record["messageId"]),
    more_time: Callable[[], bool] = lambda: True,
) -> dict[str, list[dict[str, str]]]:
    """Handle each record, and log and report those that fail.

    When time runs out, the rest is reported as failed: after a timeout, Lambda would retry all of
    the batch, and records that are done would use up their receives too.

    Args:
        records: the `Records` of the event.
        handle: handles one record, or raises.
        identifier: returns the ID of a record for Lambda. Default: the SQS message ID.
        more_time: tells whether there is time for another record. Default: always.

    Returns:
        The result of the function: `{"batchItemFailures": [{"itemIdentifier": ...}, ...]}`.
    """
    failures = []
    waiting = 0
    for record in records:
        if waiting or not more_time():
            failures.append({"itemIdentifier": identifier(record)})
            waiting += 1
            continue
        try:
            handle(record)
        except Exception as error:
            failures.append({"itemIdentifier": identifier(record)})
            logger.error(
                "record failed", extra={"record": identifier(record), "error": describe(error)}
            )
    if waiting:
        logger.warning("time ran out", extra={"waiting": waiting})
    return {"batchItemFailures": failures}


def describe(error: Exception) -> str:
    """Return type and location of an error, with its message only if that has no contents."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    # The response of a botocore timeout is None.
    code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code", "")
    message = str(error) if isinstance(error, BadRecord) else code
    return f"{type(error).__name__} {message} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
