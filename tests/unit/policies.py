"""The statements of policy documents."""

import json
from collections.abc import Iterator
from typing import Any


def statements(policy: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy document, with actions and resources as lists."""
    for statement in json.loads(policy)["Statement"]:
        for key in ("Action", "Resource"):
            value = statement.get(key, [])
            statement[key] = [value] if isinstance(value, str) else value
        yield statement
