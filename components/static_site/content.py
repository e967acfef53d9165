"""The files of a site: content types, caching, and digests in file names."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pulumi

from .._blocks.folder import files_below
from .media_types import media_type
from .references import References

FOREVER = "public, max-age=31536000, immutable"
"""Of files with a digest in their names: changed content has another name."""
PAGE = "public, max-age=0, s-maxage=86400, must-revalidate"
"""Browsers revalidate on each request; CloudFront caches until an invalidation."""
OTHER = "public, max-age=300, s-maxage=86400"
_TEXTS = frozenset((".css", ".html", ".js", ".json", ".mjs", ".svg", ".webmanifest", ".xml"))
# A date, a version or a word has digits or letters alone; nearly all digests have both.
_HASHED = re.compile(r"[.-](?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,64}\.[A-Za-z0-9.]+$")
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
    is_hashed: bool
    """Whether its name contains a digest of its content. Pages never count as such: their names
    are addresses."""
    media_type: str
    """The `Content-Type` of the response."""

    @property
    def asset(self) -> pulumi.Asset:
        """The content, for Pulumi."""
        if self.text is None:
            return pulumi.FileAsset(self.path.as_posix())
        return pulumi.StringAsset(self.text)

    @property
    def is_page(self) -> bool:
        """Whether it is an HTML page."""
        return _is_page(self.key)

    @property
    def cache_control(self) -> str:
        """The `Cache-Control` of the response."""
        return FOREVER if self.is_hashed else PAGE if self.is_page else OTHER


def site_files(
    folder: str, assets: str = "", *, media_types: Mapping[str, str] = {}, host: str = ""
) -> list[SiteFile]:
    """Return the files of a folder, sorted by key, without hidden files.

    Args:
        folder: path of the folder, relative to the program.
        assets: prefix of the files that get a digest in their names: `assets/`. References to them
            by path (`/assets/site.css`) are rewritten in all text files that are UTF-8.
        media_types: exceptions, see `media_type`.
        host: domain name of the site, at which references are rewritten too; empty for none.

    Raises:
        ValueError: the folder does not exist; a file has a name that is too long; a symbolic link
            leads out of the folder; assets refer to each other in a cycle.
    """
    root = Path(folder)
    if not folder or not root.is_dir():
        raise ValueError(f"'{folder}' is not a folder")
    files = [_read(root, path, media_types) for path in files_below(root)]
    found = _with_digests(files, assets, host) if assets else files
    return sorted(found, key=lambda each: each.key)


def _is_page(key: str) -> bool:
    return key.endswith(".html")


def _read(root: Path, path: Path, media_types: Mapping[str, str]) -> SiteFile:
    key = path.relative_to(root).as_posix()
    if len(key.encode()) > _MAX_KEY:
        raise ValueError(f"'{key[:60]}...' is longer than 1024 bytes, the maximum of an S3 key")
    hashed = not _is_page(key) and _HASHED.search(key) is not None
    return SiteFile(
        key, path, None, _digest(path.read_bytes()), hashed, media_type(key, media_types)
    )


def _with_digests(files: list[SiteFile], assets: str, host: str) -> list[SiteFile]:
    # Pages keep their names, which are addresses.
    given = {e.key: e for e in files if e.key.startswith(assets) and not e.is_page}
    references = References(given, assets, host)
    order = TopologicalSorter(
        {key: references.keys(_text(each)) - {key} for key, each in given.items()}
    )
    names: dict[str, str] = {}
    renamed = []
    try:
        # A digest covers the new names of the assets that a file refers to: those come first.
        for key in order.static_order():
            done = _rewritten(given[key], references, {**names, key: key})
            names[key] = key if done.is_hashed else _with_digest(key, done.digest)
            renamed.append(replace(done, key=names[key], is_hashed=True))
    except CycleError as error:
        cycle = ", ".join(sorted({*error.args[1]}))
        raise ValueError(f"assets refer to each other in a cycle: {cycle}") from None
    rest = [_rewritten(each, references, names) for each in files if each.key not in given]
    return renamed + rest


def _with_digest(key: str, digest: str) -> str:
    folder, _, name = key.rpartition("/")
    stem, dot, suffixes = name.partition(".")
    return f"{folder}/{stem}.{digest[:12]}{dot}{suffixes}"


def _text(file: SiteFile) -> str:
    """The text of a file, to the byte; empty for a file that is not text in UTF-8."""
    if file.path.suffix.lower() not in _TEXTS:
        return ""
    try:
        return file.path.read_bytes().decode()
    except UnicodeDecodeError:
        return ""


def _rewritten(file: SiteFile, references: References, names: Mapping[str, str]) -> SiteFile:
    """The file with the new names of assets in its text."""
    before = _text(file)
    text = references.renamed(before, names)
    if text == before:
        return file
    return replace(file, text=text, digest=_digest(text.encode()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
