"""The breaking changes between two versions of an OpenAPI document.

A valid request must stay valid, and a response must stay within what the old document allows.
Everything else is a breaking change.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .api_document import Document, Json
from .schema_changes import Schemas

Change = tuple[str, str]
"""The operation, such as `GET /todos`, and the change."""


def breaking_changes(old: Document, new: Document) -> dict[str, list[str]]:
    """Return each breaking change with the operations that have it.

    Raises:
        CommandError: a reference in a document has no target.
    """
    found: dict[str, list[str]] = {}
    for where, what in _changes(old, new):
        places = found.setdefault(what, [])
        if where not in places:
            places.append(where)
    return found


def _changes(old: Document, new: Document) -> Iterator[Change]:
    now = dict(new.operations())
    for where, operation in old.operations():
        if where in now:
            changes = _Operation(old, new, operation, now[where]).changes()
            yield from ((where, what) for what in changes)
        else:
            yield where, "the operation is removed"


class _Operation:
    """One operation in both documents."""

    def __init__(self, old: Document, new: Document, before: Json, after: Json) -> None:
        self._old, self._new = old, new
        self._before, self._after = before, after
        self._requests = Schemas(old, new, requests=True)
        self._responses = Schemas(old, new, requests=False)

    def changes(self) -> Iterator[str]:
        yield from self._name()
        yield from self._security()
        yield from self._parameters()
        yield from self._request_body()
        yield from self._status_codes()

    def _name(self) -> Iterator[str]:
        before, after = (_client_name(each) for each in (self._before, self._after))
        if before != after:
            yield f"its name in clients changed from {before} to {after}"

    def _security(self) -> Iterator[str]:
        wanted = [_Credentials(self._new, each) for each in self._after["security"]]
        given = [_Credentials(self._old, each) for each in self._before["security"]]
        for credentials in given or [_Credentials(self._old, {})]:
            if wanted and not any(each.satisfied_by(credentials) for each in wanted):
                yield f"{credentials} no longer give access"

    def _parameters(self) -> Iterator[str]:
        before, after = self._before["parameters"], self._after["parameters"]
        for key in sorted(before.keys() | after.keys()):
            where = f"parameter {key}"
            if key not in after:
                yield f"{where} is removed"
            elif key not in before:
                if after[key].get("required"):
                    yield f"{where} is new and required"
            else:
                yield from self._parameter(where, before[key], after[key])

    def _parameter(self, where: str, before: Json, after: Json) -> Iterator[str]:
        if after.get("required") and not before.get("required"):
            yield f"{where} became required"
        for member in ("style", "explode", "allowReserved"):
            if before.get(member) != after.get(member):
                yield f"{where}: {member} changed"
        yield from self._requests.changes(where, before.get("schema", {}), after.get("schema", {}))
        yield from self._content(self._requests, where, before, after)

    def _request_body(self) -> Iterator[str]:
        before, after = self._before.get("requestBody"), self._after.get("requestBody")
        old, new = self._old.resolve(before), self._new.resolve(after)
        if before and not after:
            yield "the request body is removed"
            return
        if new.get("required") and not old.get("required"):
            yield "the request body became required"
        yield from self._content(self._requests, "request body", old, new)

    def _status_codes(self) -> Iterator[str]:
        before, after = self._before.get("responses", {}), self._after.get("responses", {})
        for status in sorted(after.keys() - before.keys()):
            # Every client must expect errors, but it cannot read a new kind of success.
            if status[0] in "23" and "default" not in before:
                yield f"response {status} is new"
        for status in before:
            if status not in after:
                yield f"response {status} is removed"
                continue
            old, new = self._old.resolve(before[status]), self._new.resolve(after[status])
            yield from self._headers(f"response {status}", old, new)
            yield from self._content(self._responses, f"response {status}", old, new)

    def _headers(self, response: str, before: Json, after: Json) -> Iterator[str]:
        now = {name.lower(): header for name, header in after.get("headers", {}).items()}
        for name, header in before.get("headers", {}).items():
            where = f"header {name} of {response}"
            if name.lower() not in now:
                yield f"{where} is removed"
                continue
            old, new = self._old.resolve(header), self._new.resolve(now[name.lower()])
            if old.get("required") and not new.get("required"):
                yield f"{where} became optional"
            yield from self._responses.changes(where, old.get("schema", {}), new.get("schema", {}))

    def _content(self, schemas: Schemas, where: str, before: Json, after: Json) -> Iterator[str]:
        now = after.get("content", {})
        for media_type, content in before.get("content", {}).items():
            if media_type not in now:
                yield f"{where}: {media_type} is removed"
                continue
            old, new = content.get("schema", {}), now[media_type].get("schema", {})
            yield from schemas.changes(where, old, new)


class _Credentials:
    """Credentials that an operation accepts; schemes are compared by content, not by name."""

    def __init__(self, document: Document, requirement: Mapping[str, list[str]]) -> None:
        self._names = requirement
        self._scopes = {
            _identity(document.security_scheme(name)): set(scopes)
            for name, scopes in requirement.items()
        }

    def __str__(self) -> str:
        named = [f"{name} {sorted(scopes)}" for name, scopes in self._names.items()]
        return " and ".join(named) or "no credentials"

    def satisfied_by(self, given: "_Credentials") -> bool:
        # API Gateway requires only one of the scopes, so a new scope breaks nothing. The authorizer
        # of a user pool takes ID tokens if there are no scopes, else access tokens.
        return all(
            scheme in given._scopes
            and given._scopes[scheme] <= scopes
            and bool(given._scopes[scheme]) == bool(scopes)
            for scheme, scopes in self._scopes.items()
        )


def _identity(scheme: Json) -> str:
    """Return what the caller must have, without URLs: they differ between stacks."""
    compared = {key: scheme.get(key) for key in ("type", "in", "name", "scheme")}
    return json.dumps({**compared, "flows": sorted(scheme.get("flows", {}))})


def _client_name(operation: Json) -> str:
    """Return the name of the operation in a generated client."""
    tags: list[Any] = operation.get("tags") or ["default"]
    return f"{tags[0]}.{operation.get('operationId')}"
