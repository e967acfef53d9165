"""Calls PutEvents and reads the result of each entry: a successful call may have failed entries."""

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

NON_RETRYABLE = frozenset(
    {
        "AccessDeniedException",
        "InvalidAccountIdException",
        "InvalidArgument",
        "MalformedDetail",
        "NotAuthorizedForDetailTypeException",
        "NotAuthorizedForSourceException",
        "RedactionFailure",
        "ValidationException",
    }
)
"""Error codes that AWS calls non-retryable. Others, such as ThrottlingException, are retried.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
A call with a single invalid entry returns `ValidationException`."""

PAUSES = (0.1, 0.2, 0.4)
"""Seconds before each retry of failed entries."""

Code = str | None
"""Error code of an entry, or None if the bus accepted it."""


def put(
    entries: "Sequence[PutEventsRequestEntryTypeDef]",
    events: "EventBridgeClient",
    pauses: Sequence[float] = PAUSES,
) -> list[Code]:
    """Send at most 10 entries, and retry only those that failed with a retryable error.

    Returns:
        For each entry, None or the error code of its last attempt.
    """
    codes = _call(entries, events)
    for pause in pauses:
        failed = [i for i, code in enumerate(codes) if code and code not in NON_RETRYABLE]
        if not failed or _CALL_FAILED in codes:
            break
        time.sleep(pause * random.uniform(0.5, 1))
        for i, code in zip(failed, _call([entries[i] for i in failed], events), strict=True):
            codes[i] = code
    return codes


_CALL_FAILED = "CallFailed"
"""The call itself failed, after the retries of the SDK."""


def _call(
    entries: "Sequence[PutEventsRequestEntryTypeDef]", events: "EventBridgeClient"
) -> list[Code]:
    try:
        response = events.put_events(Entries=entries)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            return [_CALL_FAILED] * len(entries)
        if len(entries) == 1:
            return ["ValidationException"]
        # One invalid entry makes the whole call fail: send each entry in its own call.
        return [code for entry in entries for code in _call([entry], events)]
    except BotoCoreError:
        return [_CALL_FAILED] * len(entries)
    if not response["FailedEntryCount"]:
        return [None] * len(entries)
    return [result.get("ErrorCode") for result in response["Entries"]]
