"""Reads to-dos. The key condition is always the partition of the caller."""

import re
from typing import TYPE_CHECKING, Any, Protocol

from api import Refusal, Request, Response, bad_token, bind, if_changed, of_body, unbind

from .todos import OPEN_BY_DUE, document, etag, key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_dynamodb.type_defs import GetItemOutputTypeDef, QueryOutputTypeDef

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


class Source(Protocol):
    """The read operations that the clients of DynamoDB and DAX have in common."""

    @property
    def get_item(self) -> "Callable[..., GetItemOutputTypeDef]": ...
    @property
    def query(self) -> "Callable[..., QueryOutputTypeDef]": ...


class Reading:
    """Reads one table. Reads are eventually consistent: half the price, and DAX can cache them."""

    def __init__(self, table: str, source: Source) -> None:
        self._table = table
        self._source = source

    @property
    def operations(self) -> "Mapping[str, Callable[[Request], Response]]":
        """The read operations of the API."""
        return {"GET /todos": self.list, "GET /todos/{todoId}": self.get}

    def get(self, request: Request) -> Response:
        """Read one to-do."""
        wanted = key(request.user, request.uuid("todoId"))
        answer = self._source.get_item(TableName=self._table, Key=wanted)
        if "Item" not in answer:
            raise Refusal(404, "todoId", "is not one of your to-dos")
        todo = document(answer["Item"])
        return if_changed(request, todo, etag(todo))

    def list(self, request: Request) -> Response:
        """Read a page with one query, which reads only the items of the page."""
        user, is_open = request.user, request.flag("open")
        limit, listed = request.limit(), _List.of(is_open)
        start = _start(unbind(request.query("next"), user, listed.query), user, listed)
        answer = self._source.query(
            TableName=self._table,
            KeyConditionExpression=f"{listed.partition} = :user",
            ExpressionAttributeValues={":user": {"S": user}},
            Limit=limit,
            **({"IndexName": OPEN_BY_DUE} if is_open else {}),
            **({"ExclusiveStartKey": start} if start else {}),
        )
        page: dict[str, Any] = {"items": [document(item) for item in answer["Items"]]}
        if "LastEvaluatedKey" in answer:
            last = {name: answer["LastEvaluatedKey"][name]["S"] for name in listed.after}
            page["next"] = bind(last, user, listed.query)
        return if_changed(request, page, of_body(page, user))


class _List:
    """A list: the name for its page tokens, its partition key, and the other keys of its pages."""

    def __init__(self, query: str, partition: str, after: dict[str, "re.Pattern[str]"]) -> None:
        self.query = query
        self.partition = partition
        self.after = after

    @staticmethod
    def of(is_open: bool) -> "_List":
        return _OPEN if is_open else _ALL


_ALL = _List("todos", "userId", {"todoId": _ID})
_OPEN = _List("todos open", "openUserId", {"todoId": _ID, "dueAt": _TIME})


def _start(after: dict[str, str] | None, user: str, listed: _List) -> dict[str, Any] | None:
    """Return the key to start after. Its partition is the caller's, not from the token."""
    if after is None:
        return None
    if after.keys() != listed.after.keys():
        raise bad_token()
    if not all(listed.after[name].fullmatch(value) for name, value in after.items()):
        raise bad_token()
    partitions = {name: {"S": user} for name in ("userId", listed.partition)}
    return {**partitions, **{name: {"S": value} for name, value in after.items()}}
