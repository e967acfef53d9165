"""PutEvents, with its result per entry: a call that succeeds may have failed entries."""

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

HOPELESS = frozenset(
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
"""Codes that AWS calls non-retryable; any other (InternalFailure, ThrottlingException) is retried.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
`ValidationException` is what a call with a single bad entry answers."""

PAUSES = (0.1, 0.2, 0.4)
"""Seconds before each further try of the entries that failed."""

Code = str | None
"""Why an entry failed, or None when the bus took it."""


def put(
    entries: "Sequence[PutEventsRequestEntryTypeDef]",
    events: "EventBridgeClient",
    pauses: Sequence[float] = PAUSES,
) -> list[Code]:
    """Send at most 10 entries; try those again that failed for a passing reason, and only those.

    Returns:
        For each entry, None or the code of its last failure.
    """
    codes = _call(entries, events)
    for pause in pauses:
        again = [i for i, code in enumerate(codes) if code and code not in HOPELESS]
        if not again or _NO_ANSWER in codes:
            break
        time.sleep(pause * random.uniform(0.5, 1))
        for i, code in zip(again, _call([entries[i] for i in again], events), strict=True):
            codes[i] = code
    return codes


_NO_ANSWER = "NoAnswer"
"""The call itself failed; the SDK has tried it again already."""


def _call(
    entries: "Sequence[PutEventsRequestEntryTypeDef]", events: "EventBridgeClient"
) -> list[Code]:
    try:
        response = events.put_events(Entries=entries)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            return [_NO_ANSWER] * len(entries)
        if len(entries) == 1:
            return ["ValidationException"]
        # One bad entry must not take the others of its call along.
        return [code for entry in entries for code in _call([entry], events)]
    except BotoCoreError:
        return [_NO_ANSWER] * len(entries)
    if not response["FailedEntryCount"]:
        return [None] * len(entries)
    return [result.get("ErrorCode") for result in response["Entries"]]
