"""The way of all viewers' requests: what a patch can check before, and change after."""

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
    """One request of a viewer, and the part of the distribution that serves it."""

    distribution: dict[str, Any]
    """ministack's record: `Id`, `ARN`, `DomainName`."""
    behavior: dict[str, Any]
    """As ministack reads it; `behavior["element"]` is all of its configuration."""
    method: str
    path: str
    """Decoded."""
    raw_path: str
    query: str
    """As it was sent, without `?`."""
    headers: Headers
    """By lower-case name."""
    address: str
    """IP address of the viewer."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What one part of the way leaves for another."""

    @property
    def url(self) -> str:
        """The address that the viewer asked for, with the query."""
        scheme = self.headers.get("x-forwarded-proto", "http")
        query = f"?{self.query}" if self.query else ""
        return f"{scheme}://{self.headers.get('host', '')}{self.raw_path}{query}"

    def setting(self, name: str) -> Element | None:
        """A setting of the behavior, as CreateDistribution's XML has it: `TrustedKeyGroups`."""
        return next(
            (each for each in self.behavior["element"] if cloudfront._local_tag_name(each) == name),
            None,
        )


Gate = Callable[[Viewer], Viewer | Answer]
"""Lets a request pass, changed or not, or answers it."""
Finish = Callable[[Viewer, Answer], Answer]
"""The last change of an answer."""

GATES: list[Gate] = []
FINISHES: list[Finish] = []
_current: ContextVar[Viewer] = ContextVar("current")


def current() -> Viewer:
    """The request that is being served."""
    return _current.get()


def install() -> None:
    """Lead all requests this way. Harmless when they are led already."""
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
