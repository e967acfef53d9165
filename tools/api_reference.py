"""The reference of an API in Markdown, generated from its OpenAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path

from .api_document import Document, Json, load
from .markdown import table

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
    "pattern": "pattern `{}`",
    "default": "default `{}`",
}


def write(path: Path, file: Path) -> Path:
    """Write the reference; replace an existing one.

    Args:
        path: the OpenAPI document.
        file: the Markdown file.

    Returns:
        The file.

    Raises:
        CommandError: the file is not an OpenAPI 3 document.
    """
    document = load(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(_lines(document)) + "\n", encoding="utf-8")
    return file


def _lines(document: Document) -> Iterator[str]:
    info = document.content["info"]
    yield f"# {info['title']} {info['version']}"
    yield from ("", info.get("description", "").strip(), "", "## Operations")
    for name, operation in document.operations():
        yield from _operation(document, name, operation)
    yield from ("", "## Schemas")
    for name, schema in document.content.get("components", {}).get("schemas", {}).items():
        yield from ("", f"### {name}", "", _properties(schema))


def _operation(document: Document, name: str, operation: Json) -> Iterator[str]:
    yield from ("", f"### {name}", "", f"{operation.get('summary', '')} (`{_id(operation)}`).")
    if "description" in operation:
        yield from ("", operation["description"].strip())
    yield from ("", f"Requires {_security(operation['security'])}.")
    if operation["parameters"]:
        parameters = [document.resolve(each) for each in operation["parameters"].values()]
        rows = [_parameter(each) for each in parameters]
        yield from ("", table(("Parameter", "In", "Type", "Description"), rows))
    for kind, content in document.resolve(operation.get("requestBody")).get("content", {}).items():
        yield from ("", f"Request body, `{kind}`: {_type(content['schema'])}")
    responses = {key: document.resolve(each) for key, each in operation["responses"].items()}
    rows = [
        (status, _bodies(response), response.get("description", ""))
        for status, response in responses.items()
    ]
    yield from ("", table(("Status", "Body", "Description"), rows))


def _bodies(response: Json) -> str:
    return ", ".join(_type(each["schema"]) for each in response.get("content", {}).values())


def _id(operation: Json) -> str:
    return str(operation.get("operationId", ""))


def _security(requirements: list[Json]) -> str:
    """Return the credentials in words; one requirement and one of its scopes is enough."""
    ways = [
        f"`{scheme}`" + (f" with one of {', '.join(map(_code, scopes))}" if scopes else "")
        for requirement in requirements
        for scheme, scopes in requirement.items()
    ]
    return " or ".join(ways) or "no credentials"


def _parameter(parameter: Json) -> tuple[str, ...]:
    return (
        _code(parameter["name"]),
        parameter["in"] + (", required" if parameter.get("required") else ""),
        _type(parameter["schema"]),
        parameter.get("description", ""),
    )


def _properties(schema: Json) -> str:
    required = schema.get("required", ())
    rows = [
        (
            _code(name) + (", required" if name in required else ""),
            _type(each),
            each.get("description", ""),
        )
        for name, each in schema.get("properties", {}).items()
    ]
    return table(("Property", "Type", "Description"), rows)


def _type(schema: Json) -> str:
    """Return a schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join(_code(json.dumps(each)) for each in schema["enum"])
    words = [schema.get("format") or schema.get("type", "anything")]
    if "items" in schema:
        words = [f"array of {_type(schema['items'])}"]
    for key, text in _LIMITS.items():
        if key in schema:
            value = schema[key]
            words.append(text.format(value if isinstance(value, str) else json.dumps(value)))
    return ", ".join(words)


def _code(text: str) -> str:
    return f"`{text}`"
