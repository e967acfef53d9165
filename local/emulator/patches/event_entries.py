"""PutEvents rejects invalid entries.

Stock 1.5.33 accepts an entry of any size, with a Detail that is not a JSON object, and without
Source, DetailType or Detail, and answers FailedEntryCount 0. It also accepts an event for a bus
that does not exist, as AWS does, which then drops the event.

AWS: "PutEvents" (each rejected entry has ErrorCode and ErrorMessage; the others are accepted),
"Calculating PutEvents event entry size" (more than 256 KB in total: the whole request is rejected).
The limit became 1 MB in 2026, but not on every page; the smaller limit is valid for both.

ministack has fixed this when tests/emulator/test_event_entries.py passes with
`unpatched=("event_entries",)`.
"""

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import eventbridge

from . import Server

LIMIT = 256 * 1024
"""The maximum size in bytes of all entries of one request."""


def apply(server: Server) -> None:
    put = eventbridge._put_events

    def check_and_put(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries", [])
        if sum(map(_size, entries)) > LIMIT:
            message = "Total size of the entries in the request is over the limit."
            return error_response_json("ValidationException", message, 400)
        refusals = [_refusal(entry) for entry in entries]
        taken = [entry for entry, no in zip(entries, refusals, strict=True) if not no]
        if len(taken) == len(entries):
            return put(data, allow_aws_source)
        answers = _answers(put({**data, "Entries": taken}, allow_aws_source)) if taken else []
        return _merge(refusals, answers)

    eventbridge._put_events = check_and_put


def _size(entry: dict[str, Any]) -> int:
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail")]
    texts += entry.get("Resources") or []
    return (14 if entry.get("Time") else 0) + sum(len((text or "").encode()) for text in texts)


def _refusal(entry: dict[str, Any]) -> dict[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _answers(response: tuple[int, Any, bytes | str]) -> list[dict[str, str]]:
    answers: list[dict[str, str]] = json.loads(response[2])["Entries"]
    return answers


def _merge(refusals: list[dict[str, str] | None], answers: list[dict[str, str]]) -> Any:
    rest = iter(answers)
    entries = [refusal or next(rest) for refusal in refusals]
    failed = sum("ErrorCode" in entry for entry in entries)
    return json_response({"FailedEntryCount": failed, "Entries": entries})
