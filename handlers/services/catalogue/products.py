"""The products: one table, in which each product has a version."""

import re
from typing import TYPE_CHECKING, Any

from api import Members, Refusal, Request, Response, bind, unbind

from .changes import Changes

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MAX_PRICE_CENTS = 10**9
_LIST = "products"


class Products:
    """The operations of one products table."""

    def __init__(self, table: str, client: "DynamoDBClient", changes: Changes) -> None:
        self._table, self._client, self._changes = table, client, changes

    def get(self, request: Request) -> Response:
        """Read a product with a consistent read: a caller may have heard of its change."""
        answer = self._client.get_item(
            TableName=self._table, Key=_key(_id_of(request)), ConsistentRead=True
        )
        if "Item" not in answer:
            raise _unknown()
        return Response(200, _product(answer["Item"]), {"ETag": _etag(answer["Item"])})

    def list(self, request: Request) -> Response:
        """Read a page of the products, in no order."""
        limit, after = request.limit(), unbind(request.query("next"), "", _LIST)
        start: dict[str, Any] = {"ExclusiveStartKey": _key(after["productId"])} if after else {}
        answer = self._client.scan(TableName=self._table, Limit=limit, **start)
        body: dict[str, Any] = {"products": [_product(each) for each in answer["Items"]]}
        if last := answer.get("LastEvaluatedKey"):
            body["next"] = bind({"productId": last["productId"]["S"]}, "", _LIST)
        return Response(200, body)

    def put(self, request: Request) -> Response:
        """Create or replace a product. With If-Match, only the state that it names is replaced."""
        product_id, body = _id_of(request), request.body()
        members = Members(body, required=("name", "priceCents"))
        name = members.text("name", 200, min_length=1)
        price = members.integer("priceCents", 0, _MAX_PRICE_CENTS)
        condition, known = _condition(request)
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(product_id),
                UpdateExpression="SET #name = :name, priceCents = :price, "
                "sold = if_not_exists(sold, :none) ADD version :one",
                ExpressionAttributeNames={"#name": "name"},
                ExpressionAttributeValues={
                    ":name": {"S": name},
                    ":price": {"N": str(price)},
                    ":none": {"N": "0"},
                    ":one": {"N": "1"},
                    **known,
                },
                ReturnValues="ALL_NEW",
                **condition,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise _changed() from None
        item = answer["Attributes"]
        version = int(item["version"]["N"])
        self._changes.tell(product_id, version)
        return Response(201 if version == 1 else 200, _product(item), {"ETag": _etag(item)})

    def delete(self, request: Request) -> Response:
        """Delete a product. With If-Match, only the state that it names."""
        product_id = _id_of(request)
        condition, known = _condition(request)
        if known:
            condition["ExpressionAttributeValues"] = known
        try:
            self._client.delete_item(TableName=self._table, Key=_key(product_id), **condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            raise _changed() from None
        self._changes.tell(product_id, 0)
        return Response(204)


def _id_of(request: Request) -> str:
    value = request.parameter("productId")
    if not _ID.fullmatch(value):
        raise Refusal(400, "productId", "must be 1 to 64 lowercase letters, digits and '-'")
    return value


def _condition(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the condition of a write, and its values."""
    wanted = request.header("If-Match")
    if wanted is None:
        return {}, {}
    found = re.fullmatch(r'"(\d{1,15})"', wanted.strip())
    if not found:
        raise Refusal(400, "If-Match", "must be an ETag of this product")
    return {"ConditionExpression": "version = :known"}, {":known": {"N": found[1]}}


def _key(product_id: str) -> dict[str, Any]:
    return {"productId": {"S": product_id}}


def _product(item: Any) -> dict[str, Any]:
    return {
        "productId": item["productId"]["S"],
        "name": item["name"]["S"],
        "priceCents": int(item["priceCents"]["N"]),
        "version": int(item["version"]["N"]),
        "sold": int(item["sold"]["N"]),
    }


def _etag(item: Any) -> str:
    """Return the ETag for If-Match. What was sold changes without it."""
    return f'"{item["version"]["N"]}"'


def _unknown() -> Refusal:
    return Refusal(404, "productId", "is not the ID of a product")


def _changed() -> Refusal:
    return Refusal(412, "If-Match", "is not the current state of the product")
