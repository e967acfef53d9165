"""The handling of viewers' requests, with hooks for patches before and after it."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element

from ministack.services import cloudfront

Headers = dict[str, Any]
Answer = tuple[int, Headers, bytes]


@dataclass(frozen=True)
class Viewer:
    """A viewer's request, and the distribution and behavior that serve it."""

    distribution: dict[str, Any]
    """ministack's record: `Id`, `ARN`, `DomainName`."""
    behavior: dict[str, Any]
    """The behavior as ministack reads it. `behavior["element"]` is its whole configuration."""
    method: str
    path: str
    """The decoded path."""
    raw_path: str
    query: str
    """The query string as sent, without `?`."""
    headers: Headers
    """The headers by lower-case name."""
    address: str
    """IP address of the viewer."""
    notes: dict[str, Any] = field(default_factory=dict)
    """Values that one hook passes to another."""

    @property
    def url(self) -> str:
        """Return the address of the request, with the query."""
        scheme = self.headers.get("x-forwarded-proto", "http")
        query = f"?{self.query}" if self.query else ""
        return f"{scheme}://{self.headers.get('host', '')}{self.raw_path}{query}"

    def setting(self, name: str) -> Element | None:
        """Return a setting of the behavior, named as in CreateDistribution."""
        return next(
            (each for each in self.behavior["element"] if cloudfront._local_tag_name(each) == name),
            None,
        )


Gate = Callable[[Viewer], Viewer | Answer]
"""Returns the request, changed or not, or answers it."""
Finish = Callable[[Viewer, Answer], Answer]
"""Changes an answer before it is sent."""

GATES: list[Gate] = []
FINISHES: list[Finish] = []
_current: ContextVar[Viewer] = ContextVar("current")


def current() -> Viewer:
    """Return the current request."""
    return _current.get()


def install() -> None:
    """Handle all requests here. Calling it again has no effect."""
    if cloudfront.handle_viewer_request is _stock:
        cloudfront.handle_viewer_request = _handle
        cloudfront._dataplane_behavior = _with_element


_stock = cloudfront.handle_viewer_request
_stock_behavior = cloudfront._dataplane_behavior


def _with_element(element: Element, path_pattern: str | None = None) -> dict[str, Any]:
    return {**_stock_behavior(element, path_pattern), "element": element}


async def _handle(distribution: dict[str, Any], method: str, path: str, *request: Any) -> Answer:
    raw_path, query, headers, body, _parameters, *address = request
    parsed = cloudfront.parse_distribution_dataplane_config(distribution)
    behavior = cloudfront._match_behavior(parsed, path)
    address = address or ["127.0.0.1"]
    viewer = Viewer(distribution, behavior, method, path, raw_path, query, headers, address[0])
    for gate in GATES:
        passed = gate(viewer)
        if not isinstance(passed, Viewer):
            return passed
        viewer = passed
    token = _current.set(viewer)
    try:
        answer: Answer = await _stock(
            distribution,
            method,
            viewer.path,
            viewer.raw_path,
            viewer.query,
            viewer.headers,
            body,
            parse_qs(viewer.query, keep_blank_values=True),
            viewer.address,
        )
    finally:
        _current.reset(token)
    for finish in FINISHES:
        answer = finish(viewer, answer)
    return answer
