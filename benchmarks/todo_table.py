"""A table of to-dos on the emulator, filled by the code of the functions, and its requests."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from todo_list.todos_read import app as todos_read
from todo_list.todos_write import app as todos_write

from benchmarks.outbox_table import parts
from local.emulator.process import Emulator

Event = dict[str, Any]
OWNER = "11111111-2222-4333-8444-555555555555"
TITLE = "Buy tea, the green one, and something to go with it"
NOTE = "x" * 200


def event(operation: str, user: str = OWNER, **given: Any) -> Event:
    """Return the proxy event of an operation, such as `GET /todos`."""
    method, resource = operation.split()
    claims = {"sub": user, "token_use": "access"}
    return {
        "httpMethod": method,
        "resource": resource,
        "headers": {
            "Content-Type": "application/json",
            "Accept": "*/*",
            **given.get("headers", {}),
        },
        "pathParameters": given.get("path"),
        "queryStringParameters": given.get("query"),
        "requestContext": {"authorizer": {"claims": claims}},
        "body": json.dumps(given["body"]) if "body" in given else None,
        "isBase64Encoded": False,
    }


def creation(key: str, user: str = OWNER) -> Event:
    """Return the event that creates a to-do of a typical size."""
    body = {"title": TITLE, "note": NOTE, "dueAt": "2027-01-31T17:00:00Z"}
    return event("POST /todos", user, headers={"Idempotency-Key": key}, body=body)


class TodoTable:
    """A table as the component creates it, and the two functions that use it."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        """Create the empty table."""
        self.name = name
        self.client = emulator.client("dynamodb")
        keys = ("userId", "todoId", "openUserId", "dueAt")
        self.client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=_keys(*keys[:2]),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "open-by-due",
                    "KeySchema": _keys(*keys[2:]),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        clients = SimpleNamespace(dynamodb=self.client)
        nobody: frozenset[str] = frozenset()
        self.reads = todos_read.make(todos_read.Settings(name), clients, nobody)
        self.writes = todos_write.make(todos_write.Settings(name), clients, nobody)

    def fill(self, todos: int, user: str = OWNER) -> list[str]:
        """Create to-dos of one user; return their IDs."""
        return [self.create(f"{user}-{number}", user)["todoId"] for number in range(todos)]

    def create(self, key: str, user: str = OWNER) -> dict[str, Any]:
        """Create one to-do."""
        answer = self.writes(creation(key, user))
        if answer["statusCode"] != 201:
            raise RuntimeError(f"the to-do was not created: {answer}")
        created: dict[str, Any] = json.loads(answer["body"])
        return created

    def share_with(self, users: int) -> None:
        """Write the same to-dos for other users."""
        items = self.client.scan(TableName=self.name)["Items"]
        for number in range(users):
            for batch in parts(items, 25):
                copies = [
                    {**item, **{key: {"S": str(number)} for key in ("userId", "openUserId")}}
                    for item in batch
                ]
                puts = [{"PutRequest": {"Item": copy}} for copy in copies]
                self.client.batch_write_item(RequestItems={self.name: puts})

    def pages(self, limit: int, user: str = OWNER) -> Iterator[dict[str, Any]]:
        """Yield the response of each page of a list."""
        query = {"limit": str(limit)}
        while True:
            answer = self.reads(event("GET /todos", user, query=query))
            if answer["statusCode"] != 200:
                raise RuntimeError(f"the page was not read: {answer}")
            yield answer
            page = json.loads(answer["body"])
            if "next" not in page:
                return
            query = {**query, "next": page["next"]}


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
