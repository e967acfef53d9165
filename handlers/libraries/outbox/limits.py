"""Checks the limits of a transaction before the call, so that the error names what exceeds them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .errors import TransactionTooLarge
from .event import Event

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_ITEMS = 100
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024


def check_row(event: Event, row: Mapping[str, Any]) -> None:
    """Reject a row that is too large. The error names the event and its largest attribute."""
    size = attributes_size(row)
    if size > MAX_ITEM_BYTES:
        largest = max(row, key=lambda name: _size(row[name]))
        raise TransactionTooLarge(
            f"{event}: the row has {size} bytes, most of them in {largest}; "
            f"an item has at most {MAX_ITEM_BYTES}"
        )


def check_transaction(items: "Sequence[TransactWriteItemTypeDef]") -> None:
    """Reject a transaction with too many items or too many bytes."""
    if len(items) > MAX_ITEMS:
        raise TransactionTooLarge(
            f"the transaction has {len(items)} items; DynamoDB takes at most {MAX_ITEMS}"
        )
    total = 0
    for number, item in enumerate(items):
        put = item.get("Put")
        size = attributes_size(put["Item"]) if put else _size_of_update(item)
        if size > MAX_ITEM_BYTES:
            raise TransactionTooLarge(
                f"item {number} of the transaction has {size} bytes; "
                f"an item has at most {MAX_ITEM_BYTES}"
            )
        total += size
    if total > MAX_TRANSACTION_BYTES:
        raise TransactionTooLarge(
            f"the transaction has {total} bytes; DynamoDB takes at most {MAX_TRANSACTION_BYTES}"
        )


def _size_of_update(item: "TransactWriteItemTypeDef") -> int:
    """Return the size of the request. Only DynamoDB knows the size of the updated item."""
    operation = item.get("Update") or item.get("Delete") or item["ConditionCheck"]
    values = operation.get("ExpressionAttributeValues", {})
    return attributes_size(operation["Key"]) + attributes_size(values)


def attributes_size(attributes: Mapping[str, Any]) -> int:
    """Return the size of an item as DynamoDB counts it: names and values in UTF-8."""
    return sum(len(name.encode()) + _size(value) for name, value in attributes.items())


def _size(value: Mapping[str, Any]) -> int:
    kind, content = next(iter(value.items()))
    match kind:
        case "M":
            return 3 + sum(1 + len(k.encode()) + _size(v) for k, v in content.items())
        case "L":
            return 3 + sum(1 + _size(v) for v in content)
        case "SS" | "NS" | "BS":
            return sum(len(_bytes(v)) for v in content)
        case "NULL" | "BOOL":
            return 1
        case "N":
            return len(content) // 2 + 2
        case _:
            return len(_bytes(content))


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
