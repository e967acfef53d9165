"""The media types of a site's files."""

from collections.abc import Mapping
from mimetypes import MimeTypes
from pathlib import PurePosixPath

_TYPES = {
    ".apng": "image/apng",
    ".atom": "application/atom+xml",
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".ics": "text/calendar; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".rss": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    # Apple reads universal links from a file without an extension.
    "apple-app-site-association": "application/json",
}
"""By the extension, or by the name of a file without one. The table of Python differs between its
versions, so frequent types are here."""
_PACKED = {
    "br": "application/octet-stream",
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}
_OTHER = "application/octet-stream"
# An instance has the table of Python alone, without the files of the machine.
_STANDARD = MimeTypes()

EXTENSIONS = tuple(sorted(each[1:] for each in _TYPES if each.startswith(".")))
"""Extensions of files, without the dot. A path that ends with another one can be a route."""


def media_type(key: str, exceptions: Mapping[str, str]) -> str:
    """Return the `Content-Type` of a file.

    Args:
        key: key of the file.
        exceptions: media types by key, or by extension with the dot.
    """
    name = PurePosixPath(key).name
    extension = PurePosixPath(key).suffix.lower()
    for table in (exceptions, _TYPES):
        for each in (key, extension or name):
            if each in table:
                return table[each]
    # Without a folder: `guess_type` reads a URL, in which `data:` and `;` have a meaning.
    found, packed = _STANDARD.guess_type(f"/{name}", strict=True)
    if packed:
        return _PACKED.get(packed, _OTHER)
    if found is None:
        return _OTHER
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
