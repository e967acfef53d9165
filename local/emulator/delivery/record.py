"""A record in a delivery stream."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Record:
    """A record and the result of its transformation."""

    id: str
    arrived_at: int
    """ms since 1970."""
    raw: bytes
    kinesis: dict[str, Any] = field(default_factory=dict)
    """`kinesisRecordMetadata` of the event; empty for Direct PUT."""
    data: bytes = b""
    partition_keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """The reason why a record goes to the error prefix."""

    record: Record
    kind: str
    """`processing-failed` or `format-conversion-failed`: the folder."""
    code: str
    message: str
    attempts: int = 1
