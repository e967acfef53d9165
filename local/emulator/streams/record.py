"""What the records of DynamoDB and Kinesis streams have in common."""

from typing import Any

Record = dict[str, Any]
"""One of an event's `Records`."""


def sequence_number(record: Record) -> str:
    """What a function names a failed record by."""
    number = (
        record["kinesis"]["sequenceNumber"]
        if "kinesis" in record
        else record["dynamodb"]["SequenceNumber"]
    )
    return str(number)


def arrived(record: Record) -> float:
    """When it came into the stream, as a Unix time."""
    moment = (
        record["kinesis"]["approximateArrivalTimestamp"]
        if "kinesis" in record
        else record["dynamodb"]["ApproximateCreationDateTime"]
    )
    return float(moment)
