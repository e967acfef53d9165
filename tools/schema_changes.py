"""The breaking changes of a schema: a request may accept more, a response may promise more.

The comparison is strict: a change that it cannot prove compatible, such as of a pattern, is
breaking.
"""

import json
from collections.abc import Iterator
from typing import Any

from .api_document import Document, Json

TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
NOTES = {"title", "description", "example", "examples", "deprecated", "externalDocs", "xml"}
COMPARED = {
    *UPPER,
    *LOWER,
    *("type", "nullable", "enum", "items", "properties", "required", "additionalProperties"),
    *("default", "readOnly", "writeOnly", "allOf", "oneOf", "anyOf", "$ref"),
}
"""Keywords with their own rule. Other keywords may only be removed from the schema of a request,
and added to the schema of a response."""


class Schemas:
    """The comparison of schemas of two documents, for either requests or responses."""

    def __init__(self, old: Document, new: Document, *, requests: bool) -> None:
        self._old, self._new, self._requests = old, new, requests
        self._hidden = "readOnly" if requests else "writeOnly"
        self._within: set[str] = set()

    def changes(self, where: str, before: Any, after: Any) -> Iterator[str]:
        """Yield the breaking changes from one schema to another.

        Args:
            where: name of the schema in messages; a schema with a reference is named after it.
            before: the schema in the older document.
            after: the schema in the newer one.

        Raises:
            CommandError: a reference has no target.
        """
        pair = json.dumps([before, after], sort_keys=True, default=str)
        if pair in self._within:  # a recursive schema
            return
        if _reference(before) and _reference(after):
            where = f"{'request' if self._requests else 'response'} {_reference(before)}"
        self._within.add(pair)
        yield from self._compare(where, _flat(self._old, before), _flat(self._new, after))
        self._within.remove(pair)

    def _compare(self, where: str, before: Json, after: Json) -> Iterator[str]:
        if _alternatives(before) or _alternatives(after):
            yield from self._compare_alternatives(where, before, after)
            return
        yield from self._compare_types(where, before, after)
        yield from self._compare_enums(where, before, after)
        yield from self._compare_limits(where, before, after)
        yield from self._compare_rest(where, before, after)
        yield from self._compare_properties(where, before, after)
        yield from self._compare_additional(where, before, after)
        yield from self.changes(f"{where}[]", before.get("items", {}), after.get("items", {}))

    def _compare_alternatives(self, where: str, before: Json, after: Json) -> Iterator[str]:
        """Every old request must fit a new alternative, and every new response an old one."""
        olds, news = _alternatives(before) or [before], _alternatives(after) or [after]
        fits = [[not list(self.changes(where, old, new)) for new in news] for old in olds]
        if self._requests and not all(map(any, fits)):
            yield f"{where}: an alternative of oneOf or anyOf is removed or narrower"
        if not self._requests and not all(map(any, zip(*fits, strict=True))):
            yield f"{where}: an alternative of oneOf or anyOf is new or wider"

    def _compare_types(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = _types(before), _types(after)
        if not self._compatible(old, new):
            yield f"{where}: type {_listed(old)} became {_listed(new)}"

    def _compare_enums(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = _enum(before), _enum(after)
        wide, narrow = (new, old) if self._requests else (old, new)
        if wide is None or (narrow is not None and narrow <= wide):
            return
        if old is None or new is None:
            yield f"{where}: enum is {'new' if old is None else 'removed'}"
        elif self._requests:
            yield f"{where}: enum no longer has {', '.join(sorted(old - new))}"
        else:
            yield f"{where}: enum has the new {', '.join(sorted(new - old))}"

    def _compare_limits(self, where: str, before: Json, after: Json) -> Iterator[str]:
        for keyword in (*UPPER, *LOWER):
            old, new = _limit(before, keyword), _limit(after, keyword)
            wide, narrow = (new, old) if self._requests else (old, new)
            if wide is None or wide == narrow:
                continue
            sign = 1 if keyword in UPPER else -1
            if narrow is None or sign * narrow > sign * wide:
                yield f"{where}: {keyword} {_shown(old)} became {_shown(new)}"

    def _compare_rest(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = before.get("default"), after.get("default")
        if self._requests and old is not None and old != new:
            yield f"{where}: default {_shown(old)} became {_shown(new)}"
        for keyword in sorted((before.keys() | after.keys()) - COMPARED - NOTES):
            old, new = before.get(keyword), after.get(keyword)
            wide = new if self._requests else old
            if old != new and wide and not keyword.startswith("x-"):
                yield f"{where}: {keyword} {_shown(old)} became {_shown(new)}"

    def _compare_properties(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = self._properties(self._old, before), self._properties(self._new, after)
        for name in old:
            if name not in new:
                yield f"{where}: property {name} is removed"
            else:
                yield from self.changes(f"{where}.{name}", old[name], new[name])
        must_before, must_after = set(before.get("required", [])), set(after.get("required", []))
        hidden = after.get("properties", {}).keys() - new.keys()
        if self._requests:
            for name in sorted(must_after - must_before - hidden):
                verb = "became" if name in old else "is new and"
                yield f"{where}: property {name} {verb} required"
        else:
            for name in sorted((must_before - must_after) & new.keys()):
                yield f"{where}: property {name} became optional"

    def _properties(self, document: Document, schema: Json) -> Json:
        """Return the properties that apply to requests or responses."""
        properties: Json = schema.get("properties", {})
        return {
            name: value
            for name, value in properties.items()
            if not document.resolve(value).get(self._hidden)
        }

    def _compare_additional(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = before.get("additionalProperties", True), after.get("additionalProperties", True)
        if not self._compatible(old is not False, new is not False) and self._requests:
            yield f"{where}: additional properties are no longer allowed"
        elif old is not False and new is not False:
            # A client must expect unknown properties in a response.
            yield from self.changes(f"{where}.*", _schema(old), _schema(new))

    def _compatible(self, old: Any, new: Any) -> bool:
        """Return whether new includes old (requests), or old includes new (responses)."""
        return bool(old <= new if self._requests else new <= old)


def _reference(schema: Any) -> str:
    return schema.get("$ref", "").rsplit("/", 1)[-1] if isinstance(schema, dict) else ""


def _flat(document: Document, schema: Any) -> Json:
    """Return a schema with references resolved and `allOf` merged."""
    schema = document.resolve(schema)
    flat = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", []):
        part = _flat(document, part)
        properties = {**part.get("properties", {}), **flat.get("properties", {})}
        required = [*part.get("required", []), *flat.get("required", [])]
        flat = {**part, **flat}
        flat.update({"properties": properties} if properties else {})
        flat.update({"required": required} if required else {})
    return flat


def _alternatives(schema: Json) -> list[Json]:
    """Return the schemas in `oneOf` or `anyOf`, each merged with the rest of the schema."""
    keyword = "oneOf" if "oneOf" in schema else "anyOf"
    rest = {key: value for key, value in schema.items() if key != keyword}
    return [{**rest, "allOf": [each]} for each in schema.get(keyword, [])]


def _types(schema: Json) -> set[str]:
    if "type" not in schema:
        return TYPES
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {
        *kinds,
        *(["integer"] if "number" in kinds else []),
        *(["null"] if schema.get("nullable") else []),
    }


def _enum(schema: Json) -> set[str] | None:
    return {json.dumps(value) for value in schema["enum"]} if "enum" in schema else None


def _schema(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _limit(schema: Json, keyword: str) -> Any:
    sizes = ("minLength", "minItems", "minProperties")
    limit = schema.get(keyword, 0 if keyword in sizes else None)
    return None if limit is False else limit  # OpenAPI 3.0's exclusiveMaximum: false


def _listed(types: set[str]) -> str:
    return "any" if types == TYPES else "/".join(sorted(types))


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value)
