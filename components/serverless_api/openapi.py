"""OpenAPI: the one document that says what an API is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .._blocks.validate import Problems
from .._blocks.yaml import read_yaml

METHODS = ("get", "put", "post", "delete", "patch", "head")

USERS = "users"
"""Name of the security scheme of signed-in users."""
CALLER = "header.Authorization"
"""The part of a cache's key that tells users apart."""
ORIGIN = "header.Origin"
"""The part of a cache's key that tells apart the pages that ask."""
API_KEY = "apiKey"
"""Name of the security scheme of clients with an API key."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    path: str
    method: str
    spec: Mapping[str, Any]
    security: Optional[Sequence[Mapping[str, Sequence[str]]]]
    """The operation's own requirements or else the document's; None where neither says anything."""

    @property
    def schemes(self) -> set[str]:
        """Names of the security schemes that guard it."""
        return {name for requirement in self.security or () for name in requirement}

    @property
    def scopes(self) -> list[str]:
        """The token's scopes of which one is needed."""
        found = [each.get(USERS, ()) for each in self.security or ()]
        return [scope for scopes in found for scope in scopes]


class Document:
    """An OpenAPI document.

    Args:
        text: YAML or JSON.

    Raises:
        ValueError: it is no OpenAPI 3.0 document.
    """

    def __init__(self, text: str) -> None:
        self.spec: dict[str, Any] = read_yaml(text)
        version = self.spec.get("openapi", "") if isinstance(self.spec, dict) else ""
        if not str(version).startswith("3.0."):
            raise ValueError(f"'openapi' is {version!r}; API Gateway imports 3.0.x")
        if not isinstance(self.spec.get("paths"), dict):
            raise ValueError("'paths' is missing; give at least one")
        self.operations = list(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.spec["paths"].items():
            for method in (each for each in METHODS if each in item):
                spec = item[method]
                security = spec.get("security", self.spec.get("security"))
                yield Operation(spec.get("operationId", ""), path, method, spec, security)

    @property
    def scopes(self) -> list[str]:
        """Every scope that some operation asks for, sorted."""
        return sorted({scope for each in self.operations for scope in each.scopes})

    def resolve(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        """A parameter, also where it stands by reference."""
        while "$ref" in parameter:
            found: Any = self.spec
            for part in parameter["$ref"].lstrip("#/").split("/"):
                found = found[part]
            parameter = found
        return parameter

    def check(self, problems: Problems, mapped: Collection[str]) -> None:
        """Refuse what the gateway would refuse, or worse, would serve without a guard.

        Args:
            problems: where to.
            mapped: the operations that have a function.
        """
        ids = [each.id for each in self.operations]
        for each in self.operations:
            where = f"{each.method.upper()} {each.path}"
            named = bool(each.id)
            problems.that(named, "openapi", f"{where} has no operationId")
            problems.that(ids.count(each.id) == 1 or not named, "openapi", f"{where} shares its id")
            have = each.id in mapped or not named
            problems.that(have, "operations", f"operation '{each.id}' has no function")
            guarded = each.security is not None
            problems.that(
                guarded,
                "openapi",
                f"operation '{each.id}' has no security; a public one says `security: []`",
            )
            for scheme in sorted(each.schemes - {USERS, API_KEY}):
                problems.that(
                    False,
                    "openapi",
                    f"operation '{each.id}' is guarded by '{scheme}'; the schemes are "
                    f"'{USERS}' and '{API_KEY}'",
                )
        for name in sorted(set(mapped) - set(ids)):
            problems.that(False, "operations", f"'{name}' is no operation of the document")
