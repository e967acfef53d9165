"""Range requests and conditional requests."""

import re

from .store import Fetched
from .viewer import Viewer

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def part(fetched: Fetched, viewer: Viewer) -> Fetched:
    """Returns the whole answer, a range of its bytes, or 304 if it has not changed."""
    status, _reason, headers, body = fetched
    etag = _strong(str(headers.get("etag", "")))
    if status != 200:
        return fetched
    known = [_strong(each) for each in viewer.headers.get("if-none-match", "").split(",")]
    if etag and (etag in known or "*" in known):
        return 304, "Not Modified", headers, b""
    wanted = RANGE.fullmatch(viewer.headers.get("range", ""))
    fresh = _strong(viewer.headers.get("if-range", etag)) == etag
    if viewer.method != "GET" or not wanted or not fresh or wanted[0] == "bytes=-":
        return fetched
    size = len(body)
    first = int(wanted[1]) if wanted[1] else max(size - int(wanted[2]), 0)
    last = min(int(wanted[2]), size - 1) if wanted[1] and wanted[2] else size - 1
    if first > last:
        missed = {"content-range": f"bytes */{size}", "content-type": "text/plain"}
        return 416, "Range Not Satisfiable", missed, b""
    sent = {
        **headers,
        "content-range": f"bytes {first}-{last}/{size}",
        "content-length": str(last - first + 1),
    }
    return 206, "Partial Content", sent, body[first : last + 1]


def _strong(etag: str) -> str:
    """Returns an ETag without the prefix of weak ETags, which compression sets."""
    return etag.strip().removeprefix("W/")
