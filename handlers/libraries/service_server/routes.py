"""Finds the resource of a path, as API Gateway does."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

ROUTES_FILE = "routes.json"
"""Beside the code: a list of resource paths, such as `/products/{productId}`."""

_PARAMETER = re.compile(r"\{(\w+)(\+?)\}")


class Routes:
    """The resource paths of an API.

    Args:
        resources: the paths, with parameters in braces; `{name+}` matches the rest of a path.
    """

    def __init__(self, resources: Sequence[str]) -> None:
        # Fixed segments are before parameters, and those before the rest of a path.
        order = sorted(resources, key=lambda path: path.replace("+}", "\x7f").replace("{", "\x7e"))
        self._patterns = [(path, re.compile(_pattern(path))) for path in order]

    @classmethod
    def read(cls, folder: Path) -> "Routes":
        """Return the routes in the file of a bundle; without it there are none."""
        file = folder / ROUTES_FILE
        return cls(json.loads(file.read_text("utf-8")) if file.is_file() else [])

    def find(self, path: str) -> tuple[str, dict[str, str]]:
        """Return the resource of a path and its parameters, not decoded.

        A path of no resource is a resource of its own, for which handlers answer 404.
        """
        for resource, pattern in self._patterns:
            found = pattern.fullmatch(path)
            if found:
                return resource, found.groupdict()
        return path, {}


def _pattern(path: str) -> str:
    parts, end = [], 0
    for parameter in _PARAMETER.finditer(path):
        parts.append(re.escape(path[end : parameter.start()]))
        rest = ".+" if parameter[2] else "[^/]+"
        parts.append(f"(?P<{parameter[1]}>{rest})")
        end = parameter.end()
    return "".join([*parts, re.escape(path[end:])])
