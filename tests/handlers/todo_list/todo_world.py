"""The table and the bucket of the to-do system on the emulator, and its functions."""

import itertools
import json
from functools import cache
from types import SimpleNamespace
from typing import Any

from serverless_api.health import app as health
from todo_list.files import app as files
from todo_list.files.clients import CONFIG
from todo_list.todos_read import app as todos_read
from todo_list.todos_write import app as todos_write

from local.emulator.process import Emulator

from ..api import ORIGINS, Answer, Spy
from ..aws import make_clients
from ..documents import assert_documented
from ..requests import request

_numbers = itertools.count(1)


@cache
def _clients(emulator: Emulator) -> tuple[Any, Any]:
    """Return clients that all worlds share, because creating them is slower than most tests."""
    dynamodb = make_clients(emulator, "dynamodb").dynamodb
    return dynamodb, make_clients(emulator, "s3", config=CONFIG).s3


class TodoWorld:
    """One to-do system with unique names, so that tests are isolated."""

    def __init__(self, emulator: Emulator) -> None:
        number = next(_numbers)
        self.emulator = emulator
        self.table, self.bucket = f"todos-{number}", f"files-{number}"
        self.dynamodb, self.s3 = (Spy(client) for client in _clients(emulator))
        self._create()

    def _create(self) -> None:
        names = ("userId", "todoId", "openUserId", "dueAt")
        self.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
            KeySchema=_keys("userId", "todoId"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "open-by-due",
                    "KeySchema": _keys("openUserId", "dueAt"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        self.s3.create_bucket(Bucket=self.bucket)

    def todos_read(self, dynamodb: Any = None) -> Any:
        settings = todos_read.Settings(self.table)
        clients = SimpleNamespace(dynamodb=dynamodb or self.dynamodb)
        return todos_read.make(settings, clients, ORIGINS)

    def todos_write(self, dynamodb: Any = None) -> Any:
        settings = todos_write.Settings(self.table)
        clients = SimpleNamespace(dynamodb=dynamodb or self.dynamodb)
        return todos_write.make(settings, clients, ORIGINS)

    def files(self, s3: Any = None, url_seconds: int = 300) -> Any:
        settings = files.Settings(self.bucket, url_seconds, 1_000_000)
        return files.make(settings, SimpleNamespace(s3=s3 or self.s3), ORIGINS)

    def call(self, operation: str, function: Any = None, **parts: Any) -> Answer:
        """Call an operation and assert that its response is documented."""
        event = request(operation, **parts)
        response = (function or self._function(operation))(event)
        json.dumps(response)  # Lambda must be able to send it
        assert_documented("todo", event, response)
        return Answer(response)

    def _function(self, operation: str) -> Any:
        if operation == "GET /health":
            return health.health()
        if "/files" in operation:
            return self.files()
        return self.todos_read() if operation.startswith("GET") else self.todos_write()

    # Shortcuts

    def create(self, key: str = "key-1", body: Any = None, **parts: Any) -> Answer:
        body = {"title": "Buy tea"} if body is None else body
        headers = {"Idempotency-Key": key, **parts.pop("headers", {})}
        return self.call("POST /todos", headers=headers, body=body, **parts)

    def read(self, todo_id: str, **parts: Any) -> Answer:
        return self.call("GET /todos/{todoId}", path={"todoId": todo_id}, **parts)

    def update(self, todo_id: str, body: Any, **parts: Any) -> Answer:
        return self.call("PUT /todos/{todoId}", path={"todoId": todo_id}, body=body, **parts)

    def delete(self, todo_id: str, **parts: Any) -> Answer:
        return self.call("DELETE /todos/{todoId}", path={"todoId": todo_id}, **parts)

    def pages(self, operation: str = "GET /todos", **parts: Any) -> list[Answer]:
        query = parts.pop("query", {})
        pages = [self.call(operation, query=query, **parts)]
        while "next" in pages[-1].body:
            more = {**query, "next": pages[-1].body["next"]}
            pages.append(self.call(operation, query=more, **parts))
        return pages

    def items(self) -> list[dict[str, Any]]:
        return self.dynamodb.scan(TableName=self.table, ConsistentRead=True)["Items"]

    def stored(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket)
        return [each["Key"] for each in listed.get("Contents", [])]


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
