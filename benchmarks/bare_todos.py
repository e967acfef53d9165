"""Handlers of the to-do API that only call DynamoDB."""

import json
from typing import Any

from benchmarks.todo_table import OWNER, Event, TodoTable

SOMEBODY = "99999999-8888-4777-8666-555555555555"
"""The user of new to-dos, so that the list of the owner does not grow."""


class Bare:
    """Does the same as the functions, without any checks."""

    def __init__(self, table: TodoTable) -> None:
        """Use the client and the name of the table."""
        self._client, self._table = table.client, table.name

    def get(self, request: Event) -> dict[str, Any]:
        """Answer getTodo."""
        key = {"userId": {"S": OWNER}, "todoId": {"S": request["pathParameters"]["todoId"]}}
        item = self._client.get_item(TableName=self._table, Key=key)["Item"]
        return {"statusCode": 200, "body": json.dumps(_plain(item))}

    def list(self, request: Event) -> dict[str, Any]:
        """Answer listTodos."""
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": OWNER}},
            Limit=int(request["queryStringParameters"]["limit"]),
        )
        return {"statusCode": 200, "body": json.dumps([_plain(item) for item in found["Items"]])}

    def create(self, request: Event) -> dict[str, Any]:
        """Answer createTodo."""
        content = json.loads(request["body"])
        item = {
            "userId": {"S": SOMEBODY},
            "todoId": {"S": request["headers"]["Idempotency-Key"]},
            **{name: {"S": value} for name, value in content.items()},
            "openUserId": {"S": OWNER},
            "done": {"BOOL": False},
            "version": {"N": "1"},
            "createdAt": {"S": "2026-11-21T10:37:02.123Z"},
            "updatedAt": {"S": "2026-11-21T10:37:02.123Z"},
            "requestDigest": {"S": "0" * 64},
        }
        self._client.put_item(
            TableName=self._table,
            Item=item,
            ConditionExpression="attribute_not_exists(todoId)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return {"statusCode": 201, "body": json.dumps(_plain(item))}

    def update(self, request: Event) -> dict[str, Any]:
        """Answer updateTodo."""
        content = json.loads(request["body"])
        names = ("title", "done", "version", "updatedAt", "note", "dueAt", "openUserId")
        item = self._client.update_item(
            TableName=self._table,
            Key={"userId": {"S": OWNER}, "todoId": {"S": request["pathParameters"]["todoId"]}},
            UpdateExpression="SET #title = :title, #done = :done, #version = :version, "
            "#updatedAt = :updatedAt REMOVE #note, #dueAt, #openUserId",
            ConditionExpression="#version = :base",
            ExpressionAttributeNames={f"#{name}": name for name in names},
            ExpressionAttributeValues={
                ":title": {"S": content["title"]},
                ":done": {"BOOL": content["done"]},
                ":version": {"N": str(content["version"] + 1)},
                ":updatedAt": {"S": "2026-11-21T10:37:02.123Z"},
                ":base": {"N": str(content["version"])},
            },
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )["Attributes"]
        return {"statusCode": 200, "body": json.dumps(_plain(item))}


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """Return the values of an item without DynamoDB's types."""
    return {name: next(iter(value.values())) for name, value in item.items()}
