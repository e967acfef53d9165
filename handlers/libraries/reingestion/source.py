"""The source of a delivery stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Put:
    """A record to put again, unchanged."""

    data: bytes
    partition_key: str
    """Partition key of the Kinesis stream. Direct PUT does not use it."""


@dataclass(frozen=True)
class Source:
    """A Kinesis stream, or the delivery stream itself (Direct PUT)."""

    kinesis_stream: str
    """Name of the Kinesis stream. Empty for Direct PUT."""
    delivery_stream: str
    """Name of the delivery stream."""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Source":
        """Return the source of a transformation event.

        https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
        """
        kinesis = str(event.get("sourceKinesisStreamArn", ""))
        return cls(kinesis.rpartition("/")[2], str(event["deliveryStreamArn"]).rpartition("/")[2])
