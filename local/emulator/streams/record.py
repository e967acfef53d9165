"""The common parts of the records of DynamoDB and Kinesis streams."""

from typing import Any

Record = dict[str, Any]
"""One of an event's `Records`."""


def sequence_number(record: Record) -> str:
    """Return the identifier with which a function reports a failed record."""
    number = (
        record["kinesis"]["sequenceNumber"]
        if "kinesis" in record
        else record["dynamodb"]["SequenceNumber"]
    )
    return str(number)


def arrived(record: Record) -> float:
    """Return the arrival time in the stream, as a Unix time."""
    moment = (
        record["kinesis"]["approximateArrivalTimestamp"]
        if "kinesis" in record
        else record["dynamodb"]["ApproximateCreationDateTime"]
    )
    return float(moment)
