"""Policy documents within the limits of IAM."""

import json
import re
from collections.abc import Iterator
from typing import Any

from .statements import Statement

MAX_CHARACTERS = 6144
"""Of a managed policy, without white space ("IAM and AWS STS quotas")."""
MAX_POLICIES = 10
"""Managed policies of a role, by default."""
HIGHEST_QUOTA = 20
"""Managed policies of a role that AWS grants on request."""


def size(document: dict[str, Any]) -> int:
    """Return the number of characters that IAM counts."""
    return len(re.sub(r"\s", "", json.dumps(document)))


def documents(statements: list[Statement]) -> list[dict[str, Any]]:
    """Return the statements in few documents: each in the first one that has room for it."""
    made: list[list[Statement]] = []
    for statement in (part for each in statements for part in _parts(each)):
        for each in made:
            if size(_document([*each, statement])) <= MAX_CHARACTERS:
                each.append(statement)
                break
        else:
            made.append([statement])
    return [_document(each) for each in made]


def _parts(statement: Statement) -> Iterator[Statement]:
    """Yield a statement, or parts of it with some of its resources each if it is too long."""
    if size(_document([statement])) <= MAX_CHARACTERS or len(statement["Resource"]) == 1:
        yield statement
        return
    middle = len(statement["Resource"]) // 2
    for some in (statement["Resource"][:middle], statement["Resource"][middle:]):
        yield from _parts({**statement, "Resource": some})


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
