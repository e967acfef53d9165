"""How a schema may change: a request's may take more, a response's may promise more.

The comparison is careful: what it cannot prove harmless, such as another pattern, is a change.
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
"""Keywords with a rule of their own; any other may only be dropped from a request's schema, and
added to a response's."""


class Schemas:
    """The schemas of two documents, as requests or responses have them."""

    def __init__(self, old: Document, new: Document, *, requests: bool) -> None:
        self._old, self._new, self._requests = old, new, requests
        self._hidden = "readOnly" if requests else "writeOnly"
        self._within: set[str] = set()

    def changes(self, where: str, before: Any, after: Any) -> Iterator[str]:
        """The breaking changes from one schema to another.

        Args:
            where: what to call the schema; one of the document's own has its own name.
            before: the schema in the older document.
            after: the schema in the newer one.

        Raises:
            CommandError: a reference leads nowhere.
        """
        pair = json.dumps([before, after], sort_keys=True, default=str)
        if pair in self._within:  # a schema that contains itself
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
        """Each alternative that a caller may send, or get, has its place on the other side."""
        olds, news = _alternatives(before) or [before], _alternatives(after) or [after]
        fits = [[not list(self.changes(where, old, new)) for new in news] for old in olds]
        if self._requests and not all(map(any, fits)):
            yield f"{where}: an alternative of oneOf or anyOf is gone or narrower"
        if not self._requests and not all(map(any, zip(*fits, strict=True))):
            yield f"{where}: an alternative of oneOf or anyOf is new or wider"

    def _compare_types(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = _types(before), _types(after)
        if not self._goes(old, new):
            yield f"{where}: type {_listed(old)} became {_listed(new)}"

    def _compare_enums(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = _enum(before), _enum(after)
        wide, narrow = (new, old) if self._requests else (old, new)
        if wide is None or (narrow is not None and narrow <= wide):
            return
        if old is None or new is None:
            yield f"{where}: enum is {'new' if old is None else 'removed'}"
        elif self._requests:
            yield f"{where}: enum lost {', '.join(sorted(old - new))}"
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
        """The properties that requests, or responses, have."""
        properties: Json = schema.get("properties", {})
        return {
            name: value
            for name, value in properties.items()
            if not document.resolve(value).get(self._hidden)
        }

    def _compare_additional(self, where: str, before: Json, after: Json) -> Iterator[str]:
        old, new = before.get("additionalProperties", True), after.get("additionalProperties", True)
        if not self._goes(old is not False, new is not False) and self._requests:
            yield f"{where}: no other properties may be sent any more"
        elif old is not False and new is not False:
            # A response may always have properties that its reader does not know.
            yield from self.changes(f"{where}.*", _schema(old), _schema(new))

    def _goes(self, old: Any, new: Any) -> bool:
        """Whether the newer one has at least (requests), at most (responses) what the older had."""
        return bool(old <= new if self._requests else new <= old)


def _reference(schema: Any) -> str:
    return schema.get("$ref", "").rsplit("/", 1)[-1] if isinstance(schema, dict) else ""


def _flat(document: Document, schema: Any) -> Json:
    """A schema without references and `allOf`: one that says all of it at once."""
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
    """The schemas of which one must fit, each with what stands beside them; none without any."""
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
