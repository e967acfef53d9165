"""PartiQL statements need PartiQL's permissions, and their writes reach the stream.

Stock 1.5.33 asks for `dynamodb:ExecuteStatement`, `dynamodb:BatchExecuteStatement` or
`dynamodb:ExecuteTransaction`, which are not IAM actions, on resource `*`. Writes of a statement
create no stream record.

AWS: "Using IAM security policies with PartiQL for DynamoDB" (PartiQLSelect, PartiQLInsert,
PartiQLUpdate and PartiQLDelete on the table or, for a select, on its index), "Change data capture
for DynamoDB Streams".

ministack has fixed this when tests/emulator/test_partiql.py passes with `unpatched=("partiql",)`.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb

from . import Server

Item = dict[str, Any]
Checks = list[tuple[str, str]]

_STATEMENTS = {
    "dynamodb:ExecuteStatement": "",
    "dynamodb:BatchExecuteStatement": "Statements",
    "dynamodb:ExecuteTransaction": "TransactStatements",
}
"""The parameter with the statements of each operation. ExecuteStatement is one itself."""


def apply(server: Server) -> None:
    stock = iam_actions.dynamodb_transaction_checks

    def checks(action: str, body: bytes, region: str, account: str) -> Checks:
        tables = f"arn:aws:dynamodb:{region}:{account}:table/"
        return _statement_checks(action, body, tables) or stock(action, body, region, account)

    iam_actions.dynamodb_transaction_checks = checks
    for change in ("_partiql_insert", "_partiql_update", "_partiql_delete"):
        setattr(dynamodb, change, _recorded(getattr(dynamodb, change)))


def _statement_checks(action: str, body: bytes, tables: str) -> Checks:
    """Return action and resource of every valid statement of the request."""
    if action not in _STATEMENTS:
        return []
    request = json.loads(body or b"{}")
    checks = []
    for member in request.get(_STATEMENTS[action], [request]):
        try:
            parsed = dynamodb._parse_partiql(member["Statement"], member.get("Parameters", []))
        except (KeyError, ValueError):
            continue
        index = f"/index/{parsed['index']}" if parsed.get("index") else ""
        resource = f"{tables}{parsed['table']}{index}"
        checks.append((f"dynamodb:PartiQL{parsed['op'].capitalize()}", resource))
    return checks


def _recorded(change: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """Apply the change, and add a stream record if an item changed."""

    def changed(table: Item, parsed: Item, *rest: object) -> tuple[Any, ...]:
        before = copy.deepcopy(_item(table, parsed))
        answer = change(table, parsed, *rest)
        after = _item(table, parsed)
        if before != after:
            event = "INSERT" if before is None else "MODIFY" if after else "REMOVE"
            dynamodb._emit_stream_event(table["TableName"], event, before, after)
        return answer

    return changed


def _item(table: Item, parsed: Item) -> Item | None:
    """Return the item of the statement, or None."""
    inserted = parsed.get("item") or {}
    inserted = inserted.get("M", inserted)
    equal = {name: value for name, sign, value in parsed.get("conditions") or [] if sign == "="}
    item: Item | None = dynamodb._get_item_by_key(table, inserted or equal)
    return item
