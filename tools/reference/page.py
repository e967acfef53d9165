"""One component's page."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from local.engine.graph import Registration

from .picture import picture

Schema = Mapping[str, Any]
"""A Pulumi package schema, as JSON."""
NOTICE = "<!-- written by `make contract`; change the docstrings of the component instead -->"


def index(schema: Schema) -> str:
    """The page that lists all components."""
    rows = [
        (f"[{name}]({name}.md)", _first_line(spec["description"]))
        for name, spec in sorted(_components(schema))
    ]
    return "\n\n".join([NOTICE, "# Components", _table(("Component", "What it is"), rows)]) + "\n"


def page(
    name: str, component: type, schema: Schema, resources: Sequence[Registration], token: str
) -> str:
    """The page of one component as Markdown.

    Args:
        name: of the component.
        component: its class; methods that return `AccessArgs` are its grants.
        schema: of the package.
        resources: what an instance called `x` registers.
        token: type token of the component.
    """
    spec = schema["resources"][token]
    parts = [NOTICE, f"# {name}", _paragraphs(spec["description"])]
    drawn = picture(resources)
    if drawn:
        parts += [f"```mermaid\n{drawn}\n```"]
    parts += ["## Arguments", _arguments(spec["inputProperties"], spec.get("requiredInputs", ()))]
    for kind in _types(spec["inputProperties"], schema):
        described = schema["types"][kind]
        parts += [
            f"### {kind.rpartition(':')[2]}",
            _arguments(described["properties"], described.get("required", ())),
        ]
    outputs = [(f"`{snake(key)}`", _cell(each)) for key, each in spec["properties"].items()]
    parts += ["## Outputs", _table(("Output", "What it is"), outputs)]
    grants = [(f"`{method}`", " ".join(text.split())) for method, text in _grants(component)]
    if grants:
        parts += ["## Grants", _table(("Method", "What it allows"), grants)]
    children = [(f"`{each.name}`", f"`{each.type}`") for each in resources if each.parent]
    parts += [
        "## Children",
        "Of an instance called `x`, with the arguments that its contract test gives it.",
        _table(("Name", "Type"), sorted(children)),
    ]
    return "\n\n".join(parts) + "\n"


def snake(name: str) -> str:
    """`retainData` as Python has it: `retain_data`."""
    return re.sub("(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _components(schema: Schema) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for token, spec in schema["resources"].items():
        yield token.rpartition(":")[2], spec


def _arguments(properties: Mapping[str, Any], required: Iterable[str]) -> str:
    needed = set(required)
    rows = [
        (f"`{snake(name)}`", _type(each), "yes" if name in needed else "", _cell(each))
        for name, each in properties.items()
    ]
    return _table(("Argument", "Type", "Required", "What it is"), rows)


def _type(spec: Mapping[str, Any]) -> str:
    if "$ref" in spec:
        name = spec["$ref"].rpartition(":")[2].rpartition("/")[2]
        return "any" if name == "Any" else f"[{name}](#{name.lower()})"
    if spec["type"] == "array":
        return f"list of {_type(spec['items'])}"
    if spec["type"] == "object":
        return f"map of {_type(spec['additionalProperties'])}"
    return str(spec["type"])


def _types(properties: Mapping[str, Any], schema: Schema) -> list[str]:
    """The types that the properties are made of, each once, in the order of their use."""
    found: list[str] = []
    waiting = list(properties.values())
    while waiting:
        spec = waiting.pop(0)
        waiting += [spec[key] for key in ("items", "additionalProperties") if key in spec]
        kind = spec.get("$ref", "").removeprefix("#/types/")
        if kind in schema["types"] and kind not in found:
            found.append(kind)
            waiting += schema["types"][kind]["properties"].values()
    return found


def _grants(component: type) -> Iterator[tuple[str, str]]:
    for name, method in inspect.getmembers(component, inspect.isfunction):
        returns = getattr(inspect.signature(method).return_annotation, "__name__", "")
        if returns == "AccessArgs" and not name.startswith("_"):
            yield name, inspect.getdoc(method) or ""


def _cell(spec: Mapping[str, Any]) -> str:
    return " ".join(spec["description"].split()).replace("|", "\\|")


def _first_line(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


def _paragraphs(text: str) -> str:
    return inspect.cleandoc(text)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
