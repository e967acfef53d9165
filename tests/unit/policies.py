"""The statements of policy documents."""

import json
from collections.abc import Iterator
from typing import Any


def listed(value: Any) -> list[Any]:
    """Return a value of a policy as a list: one may stand alone."""
    return value if isinstance(value, list) else [value]


def statements(policy: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy document, with actions and resources as lists."""
    for statement in json.loads(policy)["Statement"]:
        for key in ("Action", "Resource"):
            statement[key] = listed(statement.get(key, []))
        yield statement
