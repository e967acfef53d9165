"""Handlers of the to-do API without anything but their DynamoDB call."""

import json
from typing import Any

from benchmarks.todo_table import OWNER, Event, TodoTable

SOMEBODY = "99999999-8888-4777-8666-555555555555"
"""Who makes new to-dos, so that the owner's list stays as it is."""


class Bare:
    """Does what the functions do, and checks nothing."""

    def __init__(self, table: TodoTable) -> None:
        """Nothing is called yet."""
        self._client, self._table = table.client, table.name

    def get(self, request: Event) -> dict[str, Any]:
        """As getTodo."""
        key = {"userId": {"S": OWNER}, "todoId": {"S": request["pathParameters"]["todoId"]}}
        item = self._client.get_item(TableName=self._table, Key=key)["Item"]
        return {"statusCode": 200, "body": json.dumps(_plain(item))}

    def list(self, request: Event) -> dict[str, Any]:
        """As listTodos."""
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": OWNER}},
            Limit=int(request["queryStringParameters"]["limit"]),
        )
        return {"statusCode": 200, "body": json.dumps([_plain(item) for item in found["Items"]])}

    def create(self, request: Event) -> dict[str, Any]:
        """As createTodo."""
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
        """As updateTodo."""
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
    """The item's values without DynamoDB's types."""
    return {name: next(iter(value.values())) for name, value in item.items()}
