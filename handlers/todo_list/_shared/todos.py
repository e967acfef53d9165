"""To-dos as items of the table and as responses.

Table: partition key `userId`, sort key `todoId`. Index `open-by-due`: `openUserId`, `dueAt`; it
only has open to-dos with a due date. Times are `YYYY-MM-DDTHH:MM:SS.mmmZ`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

__all__ = ["OPEN_BY_DUE", "document", "etag", "key"]

OPEN_BY_DUE = "open-by-due"
"""Name of the index."""


def key(user: str, todo_id: str) -> "dict[str, AttributeValueTypeDef]":
    """Return the key of a user's to-do."""
    return {"userId": {"S": user}, "todoId": {"S": todo_id}}


def document(item: "Mapping[str, Any]") -> dict[str, Any]:
    """Return the response body of an item, without internal attributes."""
    texts = ("todoId", "title", "note", "dueAt", "createdAt", "updatedAt")
    return {
        **{name: item[name]["S"] for name in texts if name in item},
        "done": item["done"]["BOOL"],
        "version": int(item["version"]["N"]),
    }


def etag(document: dict[str, Any]) -> str:
    """Return the ETag of a to-do, `"<version>-<milliseconds>"`, which If-Match is checked against.

    The version is not sufficient: a to-do that was deleted and created again starts at 1 again.
    """
    updated = datetime.fromisoformat(document["updatedAt"])
    return f'"{document["version"]}-{round(updated.timestamp() * 1000)}"'
