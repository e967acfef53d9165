"""The files of a site: content types, caching, and digests in file names."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi

FOREVER = "public, max-age=31536000, immutable"
"""Of files with a digest in their names: changed content has another name."""
PAGE = "public, max-age=0, s-maxage=86400, must-revalidate"
"""Browsers revalidate on each request; CloudFront caches until an invalidation."""
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
_MAX_KEY = 1024  # bytes of an S3 key


@dataclass(frozen=True)
class SiteFile:
    """One file of a site."""

    key: str
    """Path below the site's URL: `en/index.html`."""
    path: Path
    """Path on this machine."""
    text: str | None
    """Content with rewritten references to assets; None if the file is uploaded unchanged."""
    digest: str
    """SHA-256 of the content."""

    @property
    def asset(self) -> pulumi.Asset:
        """The content, for Pulumi."""
        if self.text is None:
            return pulumi.FileAsset(self.path.as_posix())
        return pulumi.StringAsset(self.text)

    @property
    def is_page(self) -> bool:
        """Whether it is an HTML page."""
        return self.key.endswith(".html")

    @property
    def is_hashed(self) -> bool:
        """Whether its name contains a digest of its content."""
        return _HASHED.search(self.key) is not None

    @property
    def media_type(self) -> str:
        """The `Content-Type` of the response."""
        return TYPES[Path(self.key).suffix.lower()]

    @property
    def cache_control(self) -> str:
        """The `Cache-Control` of the response."""
        return FOREVER if self.is_hashed else PAGE if self.is_page else OTHER


def site_files(folder: str, assets: str = "") -> list[SiteFile]:
    """Return the files of a folder, sorted by key, without hidden files.

    Args:
        folder: path of the folder, relative to the program.
        assets: prefix of the files that get a digest in their names: `assets/`. References to them
            by path (`/assets/site.css`) are rewritten in all text files.

    Raises:
        ValueError: the folder does not exist; a file has an unknown type or a name that is too
            long; assets refer to each other in a cycle.
    """
    root = Path(folder)
    if not folder or not root.is_dir():
        raise ValueError(f"'{folder}' is not a folder")
    files = [
        _read(root, path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not _hidden(path.relative_to(root))
    ]
    unchanged = [replace(each, text=None) for each in files]
    found = _with_digests(files, assets) if assets else unchanged
    return sorted(found, key=lambda each: each.key)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") and part != ".well-known" for part in path.parts)


def _read(root: Path, path: Path) -> SiteFile:
    key = path.relative_to(root).as_posix()
    if path.suffix.lower() not in TYPES:
        raise ValueError(f"'{key}' has an unknown type; remove or rename it")
    if len(key.encode()) > _MAX_KEY:
        raise ValueError(f"'{key[:60]}...' is longer than 1024 bytes, the maximum of an S3 key")
    text = path.read_text() if path.suffix.lower() in _TEXTS else None
    return SiteFile(key, path, text, _digest(path.read_bytes()))


def _with_digests(files: list[SiteFile], assets: str) -> list[SiteFile]:
    pending = {each.key: each for each in files if each.key.startswith(assets)}
    names: dict[str, str] = {}
    renamed = []
    while pending:
        # A digest covers the new names of the assets that a file refers to: those come first.
        ready = [each for each in pending.values() if not _references(each, pending)]
        if not ready:
            raise ValueError(f"assets refer to each other in a cycle: {', '.join(sorted(pending))}")
        for each in ready:
            done = _rewritten(each, names)
            stem, dot, suffixes = each.key.rpartition("/")[2].partition(".")
            folder = each.key.rpartition("/")[0]
            new = f"{folder}/{stem}.{done.digest[:12]}{dot}{suffixes}"
            renamed.append(replace(done, key=each.key if each.is_hashed else new))
            del pending[each.key]
        names |= {
            each: mine.key for each, mine in zip(_keys(ready), renamed[-len(ready) :], strict=True)
        }
    rest = [_rewritten(each, names) for each in files if not each.key.startswith(assets)]
    return renamed + rest


def _keys(files: list[SiteFile]) -> list[str]:
    return [each.key for each in files]


def _references(file: SiteFile, others: Mapping[str, SiteFile]) -> list[str]:
    text = file.text or ""
    return [key for key in others if key != file.key and f"/{key}" in text]


def _rewritten(file: SiteFile, names: Mapping[str, str]) -> SiteFile:
    """The file with the new names of assets in its text."""
    if file.text is None or not any(f"/{each}" in file.text for each in names):
        return replace(file, text=None)
    text = file.text
    # The longest first, since one path may be a prefix of another.
    for each in sorted(names, key=len, reverse=True):
        text = text.replace(f"/{each}", f"/{names[each]}")
    return replace(file, text=text, digest=_digest(text.encode()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
