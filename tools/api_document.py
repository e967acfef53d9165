"""An OpenAPI document; its references are resolved one at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components._blocks.yaml import read_yaml

from .stack_outputs import CommandError

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Document:
    """One OpenAPI document."""

    name: str
    content: Json

    @property
    def version(self) -> tuple[int, int, int]:
        """Return `info.version` as numbers: major, minor, patch.

        Raises:
            CommandError: the version does not have the form 1.2.3.
        """
        text = str(self.content.get("info", {}).get("version", ""))
        found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text)
        if not found:
            raise CommandError(
                f"{self.name}: info.version is '{text}'; it must have the form 1.2.3"
            )
        major, minor, patch = (int(each) for each in found.groups())
        return major, minor, patch

    def resolve(self, value: Any) -> Json:
        """Return the target of a reference; return any other value unchanged.

        Raises:
            CommandError: the target is not in the document.
        """
        passed = set()
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if reference in passed:
                raise CommandError(f"{self.name}: {reference} refers to itself")
            passed.add(reference)
            value = self._target(reference)
        return value if isinstance(value, dict) else {}

    def _target(self, reference: str) -> Any:
        root, *path = reference.split("/")
        target: Any = self.content if root == "#" else None
        for step in path:
            step = step.replace("~1", "/").replace("~0", "~")
            target = target.get(step) if isinstance(target, dict) else None
        if target is None:
            raise CommandError(f"{self.name}: {reference} is not in the document")
        return target

    def operations(self) -> Iterator[tuple[str, Json]]:
        """Yield each operation, such as `GET /todos`, with inherited parameters and security."""
        for path, item in self.content.get("paths", {}).items():
            item = self.resolve(item)
            for method in METHODS:
                if method in item:
                    yield f"{method.upper()} {path}", self._operation(item, item[method])

    def _operation(self, item: Json, operation: Json) -> Json:
        shared = {_key(each): each for each in map(self.resolve, item.get("parameters", []))}
        own = {_key(each): each for each in map(self.resolve, operation.get("parameters", []))}
        security = operation.get("security", self.content.get("security", []))
        responses = {str(status): each for status, each in operation.get("responses", {}).items()}
        added = {"parameters": shared | own, "security": security, "responses": responses}
        return {**operation, **added}

    def security_scheme(self, name: str) -> Json:
        """Return the definition of a security scheme.

        Raises:
            CommandError: the document does not define it.
        """
        return self.resolve({"$ref": f"#/components/securitySchemes/{name}"})


def load(path: Path) -> Document:
    """Read a document, YAML or JSON.

    Raises:
        CommandError: the file cannot be read, or is not an OpenAPI 3 document.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise CommandError(f"{path} {error}") from None
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3."):
        raise CommandError(f"{path} is not an OpenAPI 3 document")
    return Document(str(path), content)


def _key(parameter: Json) -> str:
    """Return what identifies a parameter; names of headers are case-insensitive."""
    name = str(parameter.get("name"))
    return f"{parameter.get('in')} {name.lower() if parameter.get('in') == 'header' else name}"
