"""`dynamodb:LeadingKeys` in a policy limits the partition keys that a request may name.

Stock 1.5.33 does not know the condition key: a user who is limited to their own rows reaches all
(ForAllValues of a missing key is true) or none.

AWS: "Using IAM policy conditions for fine-grained access control" for DynamoDB. A Scan names no
partition key, so it must not be allowed at all.

ministack has fixed this when tests/emulator/test_leading_keys.py passes with
`unpatched=("leading_keys",)`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb

from . import Server

Request = dict[str, Any]
EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def apply(server: Server) -> None:
    stock = iam_actions.dynamodb_service_context

    def context(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = stock(body)
        try:
            request = json.loads(body or b"{}")
            keys = sorted({_text(each) for each in _values(request)})
        except (ValueError, TypeError, AttributeError, KeyError):
            return found
        return {**found, "dynamodb:LeadingKeys": keys} if keys else found

    iam_actions.dynamodb_service_context = context


def _values(request: Request) -> Iterator[dict[str, Any]]:
    """Return all partition key values of the request."""
    for table, keys in (request.get("RequestItems") or {}).items():
        yield from _batch(table, keys)
    for member in request.get("TransactItems") or []:
        for operation in member.values():
            yield from _single(operation)
    for member in [
        request,
        *(request.get("Statements") or request.get("TransactStatements") or []),
    ]:
        if "Statement" in member:
            yield from _statement(member)
    yield from _single(request)


def _batch(table: str, wanted: Any) -> Iterator[dict[str, Any]]:
    if isinstance(wanted, dict):  # BatchGetItem
        wanted = [{"Get": {"Key": key}} for key in wanted.get("Keys", [])]
    for member in wanted:
        for operation in member.values():
            yield from _single({"TableName": table, **operation})


def _single(operation: Request) -> Iterator[dict[str, Any]]:
    name = _partition_key(operation.get("TableName", ""), operation.get("IndexName"))
    for member in ("Key", "Item"):
        if name in (operation.get(member) or {}):
            yield operation[member][name]
    if "KeyConditionExpression" in operation:
        names = operation.get("ExpressionAttributeNames") or {}
        for left, right in EQUALS.findall(operation["KeyConditionExpression"]):
            if names.get(left, left) == name:
                yield operation["ExpressionAttributeValues"][right]
    yield from (operation.get("KeyConditions") or {}).get(name, {}).get("AttributeValueList", [])


def _statement(member: Request) -> Iterator[dict[str, Any]]:
    """Return the value in a PartiQL statement."""
    parsed = dynamodb._parse_partiql(member["Statement"], member.get("Parameters", []))
    name = _partition_key(parsed["table"], parsed.get("index"))
    item = parsed.get("item") or {}
    item = item.get("M", item)
    equal = {left: value for left, sign, value in parsed.get("conditions") or [] if sign == "="}
    if name in {**item, **equal}:
        yield {**item, **equal}[name]


def _partition_key(table: str, index: str | None) -> str:
    """Return the name of the partition key attribute, or "" if the table does not exist."""
    found = dynamodb._tables.get(table.rpartition("/")[2]) or {}
    indexes = [
        *(found.get("GlobalSecondaryIndexes") or []),
        *(found.get("LocalSecondaryIndexes") or []),
    ]
    schema = next((each["KeySchema"] for each in indexes if each["IndexName"] == index), None)
    for key in schema or found.get("KeySchema") or []:
        if key["KeyType"] == "HASH":
            return str(key["AttributeName"])
    return ""


def _text(value: dict[str, Any]) -> str:
    """Return a value in the form of policies: without its type."""
    [content] = value.values()
    return str(content)
