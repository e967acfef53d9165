"""Reading to-dos; the key condition is always the caller's own partition."""

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
    """The reads of a DynamoDB client, which DAX has too."""

    @property
    def get_item(self) -> "Callable[..., GetItemOutputTypeDef]": ...
    @property
    def query(self) -> "Callable[..., QueryOutputTypeDef]": ...


class Reading:
    """Reads one table. Reads are eventually consistent: half the price, and what DAX can cache."""

    def __init__(self, table: str, source: Source) -> None:
        self._table = table
        self._source = source

    @property
    def operations(self) -> "Mapping[str, Callable[[Request], Response]]":
        """The operations of the API that read."""
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
        """Read a page; it costs what is on it."""
        user, is_open = request.user, request.flag("open")
        limit, names = request.limit(), _Names.of(is_open)
        start = _start(unbind(request.query("next"), user, names.query), user, names)
        answer = self._source.query(
            TableName=self._table,
            KeyConditionExpression=f"{names.partition} = :user",
            ExpressionAttributeValues={":user": {"S": user}},
            Limit=limit,
            **({"IndexName": OPEN_BY_DUE} if is_open else {}),
            **({"ExclusiveStartKey": start} if start else {}),
        )
        page: dict[str, Any] = {"items": [document(item) for item in answer["Items"]]}
        if "LastEvaluatedKey" in answer:
            last = {name: answer["LastEvaluatedKey"][name]["S"] for name in names.after}
            page["next"] = bind(last, user, names.query)
        return if_changed(request, page, of_body(page, user))


class _Names:
    """What a list is called and what its pages end with."""

    def __init__(self, query: str, partition: str, after: dict[str, "re.Pattern[str]"]) -> None:
        self.query = query
        self.partition = partition
        self.after = after

    @staticmethod
    def of(is_open: bool) -> "_Names":
        return _OPEN if is_open else _ALL


_ALL = _Names("todos", "userId", {"todoId": _ID})
_OPEN = _Names("todos open", "openUserId", {"todoId": _ID, "dueAt": _TIME})


def _start(after: dict[str, str] | None, user: str, names: _Names) -> dict[str, Any] | None:
    """The key to go on after; its partition is the caller's, whatever the token says."""
    if after is None:
        return None
    if after.keys() != names.after.keys():
        raise bad_token()
    if not all(names.after[name].fullmatch(value) for name, value in after.items()):
        raise bad_token()
    partitions = {name: {"S": user} for name in ("userId", names.partition)}
    return {**partitions, **{name: {"S": value} for name, value in after.items()}}
