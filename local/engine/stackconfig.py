"""The configuration of a stack, as the Pulumi CLI passes it to the program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
import yamlcore

from local.errors import LocalError

Value = Any
"""Anything that YAML can hold."""

KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True)
class StackConfig:
    """A project's name and one stack's values, by `namespace:key`, as text."""

    project: str
    stack: str
    values: dict[str, str]
    declared: frozenset[str]
    """The keys that Pulumi.yaml declares."""
    defaults: Mapping[str, Value]
    """The default values of Pulumi.yaml, by the same keys."""

    def default(self, key: str) -> Value:
        """Returns the default of a key of the project; None without one."""
        return self.defaults.get(f"{self.project}:{key}")

    def provider(self) -> dict[str, Any]:
        """Returns the configuration of the default AWS provider."""
        tags = json.loads(self.values.get("aws:defaultTags", "{}"))
        return {"region": self.values.get("aws:region", "us-east-1"), "defaultTags": tags}

    def of_this_machine(self, settings: Mapping[str, str]) -> "StackConfig":
        """Returns the configuration with those of `settings` that the project declares."""
        keys = {f"{self.project}:{key}": value for key, value in settings.items()}
        known = {key: value for key, value in keys.items() if key in self.declared}
        return replace(self, values={**self.values, **known})


def load(folder: Path, stack: str, overrides: Mapping[str, Any] | None = None) -> StackConfig:
    """Merges the defaults of Pulumi.yaml, Pulumi.<stack>.yaml and `overrides`; later ones win.

    A key without a namespace belongs to the project. Raises LocalError if a file is missing or
    invalid, the stack is unknown, or a value is missing, encrypted or of the wrong type.
    """
    project_file = folder / "Pulumi.yaml"
    project = _read(project_file)
    name = project.get("name")
    if not isinstance(name, str):
        raise LocalError(f"{project_file}: `name` is missing")
    declared = {_key(name, key): _declaration(each) for key, each in _block(project, project_file)}
    stack_file = folder / f"Pulumi.{stack}.yaml"
    if not stack_file.exists():
        raise LocalError(f"unknown stack '{stack}': there is no {stack_file.name}{_known(folder)}")
    given = {_key(name, key): each for key, each in _block(_read(stack_file), stack_file)}
    given |= {_key(name, key): each for key, each in (overrides or {}).items()}
    defaults = {key: each["default"] for key, each in declared.items() if "default" in each}
    values = defaults | given
    for key, value in values.items():
        _check(key, value, declared.get(key, {}), stack_file)
    for key in declared.keys() - values.keys():
        raise LocalError(f"{stack_file.name}: `{key}` has no value, and Pulumi.yaml has no default")
    texts = {key: _text(each) for key, each in values.items()}
    return StackConfig(name, stack, texts, frozenset(declared), defaults)


def _read(file: Path) -> dict[str, Any]:
    try:
        # Like Pulumi, by YAML 1.2. Not by `components`, which the program has too.
        content = yaml.load(file.read_text(encoding="utf-8"), yamlcore.CCoreLoader) or {}
    except FileNotFoundError:
        raise LocalError(f"{file}: no such file") from None
    except yaml.YAMLError as error:
        raise LocalError(f"{file}: {' '.join(str(error).split())}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(f"{file}: {error}") from None
    if not isinstance(content, dict):
        raise LocalError(f"{file}: expected `key: value` lines, found {type(content).__name__}")
    return content


def _block(content: Mapping[str, Any], file: Path) -> list[tuple[str, Any]]:
    block = content.get("config") or {}
    if not isinstance(block, dict):
        raise LocalError(f"{file}: `config` must hold `key: value` lines")
    return [(str(key), value) for key, value in block.items()]


def _key(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _declaration(value: Value) -> dict[str, Any]:
    """Pulumi.yaml declares a setting as {type, default, description}, {value} or a plain value."""
    if not isinstance(value, dict):
        return {"default": value}
    if "value" in value:
        return {**value, "default": value["value"]}
    return value


def _check(key: str, value: Value, declaration: Mapping[str, Any], file: Path) -> None:
    if isinstance(value, dict) and set(value) == {"secure"}:
        raise LocalError(
            f"{file.name}: `{key}` is encrypted, which local mode cannot read; use a plain value"
        )
    kind = declaration.get("type")
    wanted = KINDS.get(str(kind))
    if wanted is None:
        return
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
        raise LocalError(f"{file.name}: `{key}` must be of type {kind}, found {json.dumps(value)}")


def _known(folder: Path) -> str:
    stacks = sorted(each.name.split(".")[1] for each in folder.glob("Pulumi.*.yaml"))
    return f"; the stacks here are {', '.join(stacks)}" if stacks else ""


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
