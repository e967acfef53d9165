"""Records of streams and queues with holes, which AWS never sends and producers of tests do."""

from typing import Any

STREAM_RECORDS: list[dict[str, Any]] = [
    {"eventName": "INSERT"},
    {"eventName": "INSERT", "dynamodb": None},
    {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1"}},
    {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": None}},
    {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": {}}},
    {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": {"sk": None}}},
]
BODIES: list[Any] = ["", "{", "null", "[]", "{}", '"text"', '{"detail": null}', "[" * 100_000]
"""Bodies of SQS messages."""
