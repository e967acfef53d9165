"""Policy documents within the limits of IAM."""

import json
import re
from typing import Any

from .statements import Statement

MAX_CHARACTERS = 6144
"""Of a managed policy, without white space ("IAM and AWS STS quotas")."""
MAX_POLICIES = 10
"""Managed policies of a role, by default."""


def size(document: dict[str, Any]) -> int:
    """Return the number of characters that IAM counts."""
    return len(re.sub(r"\s", "", json.dumps(document)))


def documents(statements: list[Statement]) -> list[dict[str, Any]]:
    """Return the statements in as few documents as their order allows."""
    made: list[list[Statement]] = [[]]
    for statement in statements:
        if size(_document([*made[-1], statement])) > MAX_CHARACTERS:
            made.append([])
        made[-1].append(statement)
    return [_document(each) for each in made if each]


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
