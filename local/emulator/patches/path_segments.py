"""An encoded slash in a path is part of a parameter.

Stock 1.5.33 decodes the whole path before it matches the route, so that `/files/a%2Fb` is
`/files/a/b`: the gateway rejects a request that reaches the function on AWS, as parameter `a/b`.

AWS: "Set up proxy integrations" and RFC 3986, section 2.2: a path is split before it is decoded.

ministack has fixed this when tests/emulator/test_path_segments.py passes with
`unpatched=("path_segments",)`.
"""

from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.services import apigateway_v1 as gateway

from . import Server

_raw: ContextVar[str] = ContextVar("raw", default="")


def apply(server: Server) -> None:
    _record_encoded_path()
    _split_before_decoding()


def _record_encoded_path() -> None:
    stock = app._handle_execute_api_request

    async def handle(
        *arguments: Any, raw_path: str | None = None, raw_query_string: str | None = None
    ) -> Any:
        token = _raw.set(raw_path or "")
        try:
            return await stock(*arguments, raw_path=raw_path, raw_query_string=raw_query_string)
        finally:
            _raw.reset(token)

    app._handle_execute_api_request = handle


def _split_before_decoding() -> None:
    match, fall_back = gateway._match_resource_tree, gateway._match_greedy_fallback

    def match_as_sent(api: str, segments: list[str]) -> Any:
        return match(api, _as_sent(segments))

    def fall_back_as_sent(api: str, segments: list[str], method: str) -> Any:
        return fall_back(api, _as_sent(segments), method)

    gateway._match_resource_tree = match_as_sent
    gateway._match_greedy_fallback = fall_back_as_sent


def _as_sent(segments: list[str]) -> list[str]:
    """Split the decoded path into `segments` at the slashes of the encoded path."""
    raw = [each for each in _raw.get().partition("?")[0].split("/") if each]
    for start in range(len(raw) + 1):
        found = [unquote(each) for each in raw[start:]]
        if [each for each in "/".join(found).split("/") if each] == segments:
            return found
    return segments
