"""The resource paths of a service, from its OpenAPI document."""

from collections.abc import Sequence
from typing import Optional

from .arguments import Problems
from .yaml import read_yaml


def resource_paths(openapi: Optional[str]) -> Sequence[str]:
    """Return the paths of an OpenAPI document, for the `resource` of events; none without one."""
    return [] if openapi is None else list(read_yaml(openapi)["paths"])


def check_resources(problems: Problems, openapi: Optional[str]) -> None:
    """Check that the document has paths."""
    if openapi is None:
        return
    try:
        document = read_yaml(openapi)
    except ValueError as error:
        problems.add("openapi", str(error))
        return
    paths = document.get("paths") if isinstance(document, dict) else None
    problems.unless(isinstance(paths, dict) and bool(paths), "openapi", "has no `paths`")
