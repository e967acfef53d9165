"""SiteContent: the files of a folder as a site serves them: types, caching, digests in names."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi

FOREVER = "public, max-age=31536000, immutable"
"""Of a name that holds a digest: other content has another name."""
PAGE = "public, max-age=0, s-maxage=86400, must-revalidate"
"""Browsers ask each time, the edge keeps it until it is told otherwise."""
OTHER = "public, max-age=300, s-maxage=86400"
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_TEXTS = frozenset((".css", ".html", ".js", ".json", ".mjs", ".svg", ".webmanifest", ".xml"))
_HASHED = re.compile(r"[.-][0-9a-f]{8,64}\.[A-Za-z0-9.]+$")
_LONGEST = 1024  # bytes of an S3 key


@dataclass(frozen=True)
class SiteFile:
    """One file of a site."""

    key: str
    """Its path below the site's address: `en/index.html`."""
    path: Path
    """Where it is on this machine."""
    text: str | None
    """Its content where that refers to names with digests; None where the file is sent as it is."""
    digest: str
    """Of the content."""

    @property
    def asset(self) -> pulumi.Asset:
        """The content, for Pulumi."""
        if self.text is None:
            return pulumi.FileAsset(self.path.as_posix())
        return pulumi.StringAsset(self.text)

    @property
    def is_page(self) -> bool:
        """Whether people open it, and it names other files."""
        return self.key.endswith(".html")

    @property
    def is_hashed(self) -> bool:
        """Whether its name holds a digest of its content."""
        return _HASHED.search(self.key) is not None

    @property
    def media_type(self) -> str:
        """Its `Content-Type`."""
        return TYPES[Path(self.key).suffix.lower()]

    @property
    def cache_control(self) -> str:
        """Its `Cache-Control`."""
        return FOREVER if self.is_hashed else PAGE if self.is_page else OTHER


def site_files(folder: str, assets: str = "") -> list[SiteFile]:
    """The files of `folder` by name, hidden ones left out.

    Args:
        folder: relative to the program.
        assets: files below this part of the folder (`assets/`) get a digest in their names, and
            every text that names them by their path (`/assets/site.css`) the same.

    Raises:
        ValueError: there is no such folder; a file has no known type or too long a name; assets
            refer to each other in a circle.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"'{folder}' is no folder")
    files = [
        _read(root, path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not _hidden(path.relative_to(root))
    ]
    return sorted(_with_digests(files, assets) if assets else files, key=lambda each: each.key)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") and part != ".well-known" for part in path.parts)


def _read(root: Path, path: Path) -> SiteFile:
    key = path.relative_to(root).as_posix()
    if path.suffix.lower() not in TYPES:
        raise ValueError(f"'{key}' is of no known type; take it out, or rename it")
    if len(key.encode()) > _LONGEST:
        raise ValueError(f"'{key[:60]}...' is longer than an S3 key may be")
    text = path.read_text() if path.suffix.lower() in _TEXTS else None
    return SiteFile(key, path, text, _digest(path.read_bytes()))


def _with_digests(files: list[SiteFile], assets: str) -> list[SiteFile]:
    waiting = {each.key: each for each in files if each.key.startswith(assets)}
    names: dict[str, str] = {}
    named = []
    while waiting:
        # What names no other asset that has no new name yet, can have its own.
        free = [each for each in waiting.values() if not _named_in(each, waiting)]
        if not free:
            raise ValueError(f"assets name each other in a circle: {', '.join(sorted(waiting))}")
        for each in free:
            done = _renamed(each, names)
            stem, dot, suffixes = each.key.rpartition("/")[2].partition(".")
            folder = each.key.rpartition("/")[0]
            new = f"{folder}/{stem}.{done.digest[:12]}{dot}{suffixes}"
            named.append(replace(done, key=each.key if each.is_hashed else new))
            del waiting[each.key]
        names |= {
            each: mine.key for each, mine in zip(_keys(free), named[-len(free) :], strict=True)
        }
    rest = [_renamed(each, names) for each in files if not each.key.startswith(assets)]
    return named + rest


def _keys(files: list[SiteFile]) -> list[str]:
    return [each.key for each in files]


def _named_in(file: SiteFile, others: Mapping[str, SiteFile]) -> list[str]:
    text = file.text or ""
    return [key for key in others if key != file.key and f"/{key}" in text]


def _renamed(file: SiteFile, names: Mapping[str, str]) -> SiteFile:
    """`file` with new names of others in its text."""
    if file.text is None or not any(f"/{each}" in file.text for each in names):
        return replace(file, text=None)
    text = file.text
    # The longest first: one path may begin another.
    for each in sorted(names, key=len, reverse=True):
        text = text.replace(f"/{each}", f"/{names[each]}")
    return replace(file, text=text, digest=_digest(text.encode()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
