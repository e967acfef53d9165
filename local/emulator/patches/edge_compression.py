"""The edge compresses answers of behaviors with compression.

Stock 1.5.33 sends every answer unchanged.

AWS: "Serve compressed files" (types; 1,000 to 10,000,000 bytes; the ETag becomes weak). Only gzip
is supported here; AWS prefers Brotli for viewers that accept it.

ministack has fixed this when tests/emulator/test_edge_compression.py passes with
`unpatched=("edge_compression",)`.
"""

import gzip

from ..edge import viewer
from ..edge.viewer import Answer, Viewer
from . import Server

SIZES = range(1_000, 10_000_001)
TYPES = frozenset(
    (
        *("text/html", "text/css", "text/plain", "text/javascript", "text/xml", "text/markdown"),
        *("application/javascript", "application/json", "application/xml", "application/rss+xml"),
        *("application/manifest+json", "image/svg+xml", "application/wasm"),
    )
)


def apply(server: Server) -> None:
    viewer.install()
    viewer.FINISHES.append(compress)


def compress(request: Viewer, answer: Answer) -> Answer:
    """Return `answer`, compressed if the viewer, the behavior and the content type allow it."""
    status, headers, body = answer
    wanted = request.setting("Compress")
    names = {name.lower(): name for name in headers}
    kind = str(headers.get(names.get("content-type", ""), "")).partition(";")[0].strip().lower()
    if (
        status != 200
        or wanted is None
        or wanted.text != "true"
        or "gzip" not in request.headers.get("accept-encoding", "")
        or "content-encoding" in names
        or kind not in TYPES
        or len(body) not in SIZES
    ):
        return answer
    dropped = {names.get("content-length", ""), names.get("etag", "")}
    sent = {name: value for name, value in headers.items() if name not in dropped}
    etag = str(headers.get(names.get("etag", ""), ""))
    if etag:
        sent["ETag"] = f"W/{etag.removeprefix('W/')}"
    sent |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return status, sent, gzip.compress(body, mtime=0)
