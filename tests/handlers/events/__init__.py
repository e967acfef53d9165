"""Recorded AWS events and variations of them for tests."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _recorded(name: str) -> str:
    return (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")


def recorded(name: str) -> dict[str, Any]:
    return json.loads(_recorded(name))


ORDER: dict[str, Any] = json.loads(recorded("api_gateway_proxy")["body"])

SECRETS = ("Ada Lovelace", "Secret Lane", "NW1 6XE", "neighbour", "TEA-01", "customer-1")
"""Values that must not appear in a log line."""


def order(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(ORDER), **changes}


def proxy(body: Any = None, key: str | None = "key-1", **changes: Any) -> dict[str, Any]:
    """Return a request. A body that is not text is written as JSON; `key=None` omits the header."""
    event = recorded("api_gateway_proxy")
    event["body"] = body if isinstance(body, str) else json.dumps(body if body else ORDER)
    for headers in (event["headers"], event["multiValueHeaders"]):
        del headers["Idempotency-Key"]
    if key is not None:
        event["headers"]["Idempotency-Key"] = key
        event["multiValueHeaders"]["Idempotency-Key"] = [key]
    return {**event, **changes}


def placed_with(api_key_id: str | None, event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with another API key, or with none."""
    event = deepcopy(event)
    identity = event["requestContext"]["identity"]
    identity["apiKeyId"] = identity["apiKey"] = api_key_id
    return event


def insert(row: dict[str, Any], sequence_number: int = 1) -> dict[str, Any]:
    """Return the stream record of a new row."""
    record = recorded("dynamodb_insert")["Records"][0]
    record["dynamodb"]["NewImage"] = row
    record["dynamodb"]["Keys"] = {
        name: row[name] for name in ("aggregateId", "sequence") if name in row
    }
    record["dynamodb"]["SequenceNumber"] = str(sequence_number)
    return record


def row(aggregate: str, sequence: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an outbox row as in a stream record. A change to None removes the attribute."""
    image = recorded("dynamodb_insert")["Records"][0]["dynamodb"]["NewImage"]
    event_id = f"{aggregate}-{sequence}"
    detail = json.loads(image["detail"]["S"])
    detail["metadata"].update(eventId=event_id, aggregateId=aggregate, sequence=sequence)
    detail["data"]["orderId"] = aggregate
    image |= {
        "aggregateId": {"S": aggregate},
        "sequence": {"N": str(sequence)},
        "eventId": {"S": event_id},
        "detail": {"S": json.dumps(detail)},
        **changes,
    }
    return {name: value for name, value in image.items() if value is not None}


def message(body: str, message_id: str = "message-1") -> dict[str, Any]:
    """Return a record of an SQS event."""
    record = recorded("sqs_eventbridge")["Records"][0]
    return {**record, "messageId": message_id, "body": body}


def order_created(order_id: str = "order-1", sequence: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the body of a message with an EventBridge event. Changes apply to the detail."""
    event = json.loads(recorded("sqs_eventbridge")["Records"][0]["body"])
    detail = event["detail"]
    event_id = f"{order_id}-{sequence}"
    detail["metadata"].update(eventId=event_id, aggregateId=order_id, sequence=sequence)
    detail["data"]["orderId"] = order_id
    detail.update(changes)
    return event


class Context:
    """The part of Lambda's context object that our functions use."""

    def __init__(self, remaining_ms: int = 30_000) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
