"""The source of a delivery stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Put:
    """A record as it was."""

    data: bytes
    partition_key: str
    """Of the Kinesis stream; not used by Direct PUT."""


@dataclass(frozen=True)
class Source:
    """A Kinesis stream, or the delivery stream itself (Direct PUT)."""

    kinesis_stream: str
    """Name; empty for Direct PUT."""
    delivery_stream: str
    """Name of the delivery stream."""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Source":
        """Read it from a transformation event.

        https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
        """
        kinesis = str(event.get("sourceKinesisStreamArn", ""))
        return cls(kinesis.rpartition("/")[2], str(event["deliveryStreamArn"]).rpartition("/")[2])
