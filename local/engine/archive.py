"""The bytes of a Pulumi asset or archive."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pulumi

EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same code gives the same bytes
ARCHIVES = (".zip", ".jar")


def zipped(archive: pulumi.Archive) -> bytes:
    """Returns `archive` as a zip. A zip file is kept; anything else is packed reproducibly.

    Raises ValueError for a remote archive, FileNotFoundError for a missing one.
    """
    if isinstance(archive, pulumi.FileArchive) and str(archive.path).endswith(ARCHIVES):
        return Path(archive.path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in sorted(_files(archive, "")):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def content(asset: pulumi.Asset) -> bytes:
    """Returns the bytes of an asset."""
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    if isinstance(asset, pulumi.FileAsset):
        return Path(asset.path).read_bytes()
    raise ValueError("remote assets are not fetched in local mode")


def _files(item: pulumi.Asset | pulumi.Archive, at: str) -> Iterator[tuple[str, bytes]]:
    if isinstance(item, pulumi.AssetArchive):
        for name, each in item.assets.items():
            yield from _files(each, f"{at}/{name}" if at else name)
    elif isinstance(item, pulumi.FileArchive):
        yield from _folder(Path(item.path), at)
    elif isinstance(item, pulumi.Asset):
        yield at, content(item)
    else:
        raise ValueError("remote archives are not fetched in local mode")


def _folder(folder: Path, at: str) -> Iterator[tuple[str, bytes]]:
    if folder.is_file():
        with zipfile.ZipFile(folder) as source:
            for name in source.namelist():
                if not name.endswith("/"):
                    yield (f"{at}/{name}" if at else name), source.read(name)
        return
    if not folder.is_dir():
        raise FileNotFoundError(f"no such file or folder: {folder}")
    for path in folder.rglob("*"):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            yield (f"{at}/{name}" if at else name), path.read_bytes()
