"""Writes to-dos with one conditional write each, so that repeated and late requests are safe."""

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api import Refusal, Request, Response, utc_text

from .._shared.todos import document, etag, key
from .bodies import Base, Content, change, digest, match, new_todo

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

_NAMESPACE = uuid.UUID("5b0f3a9e-8c54-5f0e-9d1c-7a6e2b4c8d13")


class Writing:
    """Writes one table."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def create(self, request: Request) -> Response:
        """Create a to-do, or return the one that the same request created before."""
        user, name, body = request.user, request.idempotency_key(), request.body()
        # The ID is derived from user and key, so that a repeated request has the same ID.
        todo_id = str(uuid.uuid5(_NAMESPACE, json.dumps([user, name])))
        now = utc_text(datetime.now(UTC))
        item: dict[str, AttributeValueTypeDef] = {
            **key(user, todo_id),
            **_attributes(new_todo(body), user),
            "version": {"N": "1"},
            "createdAt": {"S": now},
            "updatedAt": {"S": now},
            "requestDigest": {"S": digest(body)},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(todoId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            earlier: Any = error.response.get("Item") or {}
            if earlier.get("requestDigest") != item["requestDigest"]:
                message = "was used for another to-do"
                raise Refusal(409, "Idempotency-Key", message) from None
            return _created(200, earlier)
        return _created(201, item)

    def update(self, request: Request) -> Response:
        """Replace the content of a to-do that has not changed since the caller read it."""
        user, todo_id = request.user, request.uuid("todoId")
        content, base = change(request.body(), request.header("If-Match"))
        written: dict[str, AttributeValueTypeDef] = {
            **_attributes(content, user),
            "version": {"N": str(base.version + 1)},
            "updatedAt": {"S": utc_text(datetime.now(UTC))},
        }
        try:
            item = self._client.update_item(
                TableName=self._table,
                Key=key(user, todo_id),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_expressions(written, base),
            )["Attributes"]
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item = _own_or_refuse(error.response.get("Item"), written, base)
        todo = document(item)
        return Response(200, todo, {"ETag": etag(todo)})

    def delete(self, request: Request) -> Response:
        """Delete a to-do, if there is one; with If-Match, only in the state that it names."""
        wanted = key(request.user, request.uuid("todoId"))
        base = match(request.header("If-Match"))
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=wanted,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **(_deletion(base) if base else {}),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            now: Any = error.response.get("Item")
            raise Refusal(412, "If-Match", f"the version is {now['version']['N']} now") from None
        return Response(204)


_OPTIONAL = ("note", "dueAt", "openUserId")


def _attributes(content: Content, user: str) -> "dict[str, AttributeValueTypeDef]":
    """Return the attributes of the content. `openUserId` adds the to-do to the index."""
    attributes: dict[str, AttributeValueTypeDef] = {
        "title": {"S": content.title},
        "done": {"BOOL": content.done},
    }
    if content.note is not None:
        attributes["note"] = {"S": content.note}
    if content.due_at is not None:
        attributes["dueAt"] = {"S": content.due_at}
        if not content.done:
            attributes["openUserId"] = {"S": user}
    return attributes


def _expressions(written: "dict[str, AttributeValueTypeDef]", base: Base) -> dict[str, Any]:
    """Return the update that writes these attributes and removes other optional ones.

    Its condition is that the item still has the state `base`.
    """
    gone = [name for name in _OPTIONAL if name not in written]
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in written)
    if gone:
        update += " REMOVE " + ", ".join(f"#{name}" for name in gone)
    condition = "#version = :base"
    values = {f":{name}": value for name, value in written.items()}
    values[":base"] = {"N": str(base.version)}
    if base.updated_at is not None:
        condition += " AND #updatedAt = :seen"
        values[":seen"] = {"S": base.updated_at}
    return {
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*written, *gone)},
        "ExpressionAttributeValues": values,
    }


def _deletion(base: Base) -> dict[str, Any]:
    """Return the condition that the item still has the state `base`, or is gone already."""
    return {
        "ConditionExpression": (
            "attribute_not_exists(todoId) OR (#version = :version AND updatedAt = :seen)"
        ),
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {
            ":version": {"N": str(base.version)},
            ":seen": {"S": str(base.updated_at)},
        },
    }


def _own_or_refuse(item: Any, written: dict[str, Any], base: Base) -> Any:
    """Return the item if it is the result of this write, which the SDK sent again.

    Raises:
        Refusal: 404, there is no such item; 409 or 412, it was changed by another request.
    """
    if not item:
        raise Refusal(404, "todoId", "is not one of your to-dos") from None
    if all(item.get(name) == written.get(name) for name in (*written, *_OPTIONAL)):
        return item
    now = f"is {item['version']['N']} now"
    if base.updated_at is not None:
        raise Refusal(412, "If-Match", f"the version {now}") from None
    raise Refusal(409, "version", now) from None


def _created(status: int, item: Any) -> Response:
    todo = document(item)
    return Response(status, todo, {"ETag": etag(todo), "Location": f"/todos/{todo['todoId']}"})
