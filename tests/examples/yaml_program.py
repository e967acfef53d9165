"""Read the part of Pulumi's YAML that the example uses."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

REFERENCE = re.compile(r"\$\{(\w+)(?:\.(\w+))?\}")


class Program:
    """A YAML program, with its resources in the order in which they can be created."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._text = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        self._made: dict[str, dict[str, Any]] = {}

    def resources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield type, name and inputs of each resource; call `made` before the next one."""
        for name, resource in self._text["resources"].items():
            yield resource["type"].split(":")[1], name, self._value(resource["properties"])

    def read_of(self, name: str) -> list[str]:
        """Return the outputs of a resource that the program reads."""
        found = REFERENCE.findall((self.folder / "Pulumi.yaml").read_text())
        return sorted({output for resource, output in found if resource == name and output})

    def made(self, name: str, outputs: dict[str, Any]) -> None:
        """Store the outputs of a resource."""
        self._made[name] = outputs

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the program."""
        return self._value(self._text["outputs"])

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"fn::readFile"}:
                return (self.folder / value["fn::readFile"]).read_text()
            return {key: self._value(each) for key, each in value.items()}
        reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if not reference:
            return value
        name, output = reference.groups()
        return self._made[name][output] if output else self._text["variables"][name]
