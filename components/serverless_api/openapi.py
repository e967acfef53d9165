"""The OpenAPI document of an API."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .._blocks.arguments import Problems
from .._blocks.yaml import read_yaml

METHODS = ("get", "put", "post", "delete", "patch", "head")

USERS = "users"
"""Name of the security scheme of signed-in users."""
CALLER = "header.Authorization"
"""The cache key that separates users."""
ORIGIN = "header.Origin"
"""The cache key that separates the origins of pages."""
API_KEY = "apiKey"
"""Name of the security scheme of clients with an API key."""
IAM = "iam"
"""Name of the security scheme of callers with a role, who sign their requests (SigV4)."""

_PARAMETER = re.compile(r"\{[A-Za-z0-9._:-]+\+?\}")
_LITERAL = re.compile(r"[A-Za-z0-9._,:-]+")


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    path: str
    method: str
    security: Optional[Sequence[Mapping[str, Sequence[str]]]]
    """The operation's own requirements or else the document's; None if neither has any."""
    parameters: Sequence[Mapping[str, Any]]
    """Parameters of the path and of the operation, with references resolved."""

    @property
    def schemes(self) -> set[str]:
        """Names of the security schemes that it requires."""
        return {name for requirement in self.security or () for name in requirement}

    @property
    def scopes(self) -> list[str]:
        """The scopes of which the caller's token needs one."""
        found = [each.get(USERS, ()) for each in self.security or ()]
        return [scope for scopes in found for scope in scopes]


class Document:
    """An OpenAPI document.

    Args:
        text: YAML or JSON.

    Raises:
        ValueError: the text is not an OpenAPI 3.0 document.
    """

    def __init__(self, text: str) -> None:
        self.spec: dict[str, Any] = read_yaml(text)
        version = self.spec.get("openapi", "") if isinstance(self.spec, dict) else ""
        if not str(version).startswith("3.0."):
            raise ValueError(f"has the version {version!r}; API Gateway imports OpenAPI 3.0.x")
        for key in ("paths", "info"):
            if not isinstance(self.spec.get(key), dict):
                raise ValueError(f"has no `{key}`")
        try:
            self._check_references(self.spec, "")
        except RecursionError:
            raise ValueError("has an alias of a part inside of that part") from None
        for path in self.spec["paths"]:
            _check_path(path)
        self.operations = list(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.spec["paths"].items():
            _require_map(path, item)
            if not any(each in item for each in METHODS):
                raise ValueError(f"has no operation at {path}")
            for method in (each for each in METHODS if each in item):
                spec, name = item[method], f"{method.upper()} {path}"
                _require_map(name, spec)
                security = spec.get("security", self.spec.get("security"))
                if security is not None:
                    _require_maps(f"the security of {name}", security)
                parameters = []
                for owner in (item, spec):
                    own = owner.get("parameters", [])
                    _require_maps(f"the parameters of {name}", own)
                    parameters += [self._resolve(name, each) for each in own]
                yield Operation(spec.get("operationId", ""), path, method, security, parameters)

    def _check_references(self, value: Any, place: str) -> None:
        """Check that each `$ref` names a part of this document, except that of a path."""
        if isinstance(value, list):
            for number, each in enumerate(value):
                self._check_references(each, f"{place}[{number}]")
        elif isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str):
                self._check_reference(reference, place)
            for key, each in value.items():
                if key not in ("example", "examples", "default", "enum"):
                    self._check_references(each, f"{place}.{key}" if place else key)

    def _check_reference(self, reference: str, place: str) -> None:
        if place.startswith("paths.") and self.spec["paths"].get(place.removeprefix("paths.")):
            raise ValueError(f"has a `$ref` as {place}; API Gateway imports no such paths")
        if not reference.startswith("#/"):
            raise ValueError(f"refers to '{reference}' at {place}; name a part of this document")
        if self._find(reference) is None:
            raise ValueError(f"has no '{reference}', to which {place} refers")

    def _find(self, reference: str) -> Any:
        found: Any = self.spec
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                found = found.get(name) if isinstance(found, dict) else None
        return found

    def _resolve(self, name: str, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        seen: set[str] = set()
        while "$ref" in parameter:
            if parameter["$ref"] in seen:
                raise ValueError(f"has a parameter of {name} that refers to itself")
            seen.add(parameter["$ref"])
            parameter = self._find(parameter["$ref"])
            _require_map(f"a parameter of {name}", parameter)
        return parameter

    @property
    def scopes(self) -> list[str]:
        """All scopes that operations require, sorted."""
        return sorted({scope for each in self.operations for scope in each.scopes})

    def check(self, problems: Problems, mapped: Collection[str]) -> None:
        """Refuse what API Gateway would reject, or would serve without authorization.

        Args:
            problems: where to add the problems.
            mapped: IDs of the operations that have a function.
        """
        ids = [each.id for each in self.operations]
        for each in self.operations:
            self._check_operation(problems, each, ids.count(each.id) == 1)
        for name in sorted(set(mapped) - set(ids)):
            problems.add(f'operations["{name}"]', "is not an operation of the document")
        for name in sorted({each for each in ids if each} - set(mapped)):
            problems.add(f'operations["{name}"]', "is missing; name the operation's function")

    @staticmethod
    def _check_operation(problems: Problems, operation: Operation, unique: bool) -> None:
        name = f"{operation.method.upper()} {operation.path}"
        if not operation.id:
            problems.add("openapi", f"{name} has no operationId")
        elif not unique:
            problems.add("openapi", f"{name} has the operationId of another operation")
        if operation.security is None:
            problems.add("openapi", f"{name} has no security; write `security: []` if it is public")
        for scheme in sorted(operation.schemes - {USERS, API_KEY, IAM}):
            known = f"'{USERS}', '{API_KEY}' and '{IAM}'"
            problems.add("openapi", f"{name} requires the scheme '{scheme}'; known are {known}")


def read_document(problems: Problems, text: str) -> Document:
    """Return the document in the argument `openapi`.

    Raises:
        ArgumentsError: the text is not an OpenAPI 3.0 document.
    """
    try:
        return Document(text)
    except ValueError as error:
        problems.add("openapi", str(error))
        problems.report()
        raise


def wildcards(path: str) -> str:
    """Return a path with a wildcard for each parameter, as ARNs of methods have it."""
    return _PARAMETER.sub("*", path)


def _check_path(path: str) -> None:
    """Check a path as API Gateway does: a parameter is a segment of its own.

    Source: "Amazon API Gateway important notes" in its developer guide.
    """
    before, *segments = path.split("/")
    fit = (_PARAMETER.fullmatch(each) or _LITERAL.fullmatch(each) for each in segments)
    if path != "/" and (before or not segments or not all(fit)):
        raise ValueError(
            f"has the path '{path}'; each segment after a slash must be a parameter such as "
            "{id}, or letters, digits and any of - _ . , :"
        )
    if any(each.endswith("+}") for each in segments[:-1]):
        raise ValueError(f"has the path '{path}'; only its last segment can be greedy")


def _require_map(name: str, value: object) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"must have a map as {name}")


def _require_maps(name: str, value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"must have a list of maps as {name}")
