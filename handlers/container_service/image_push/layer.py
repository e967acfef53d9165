"""Writes an archive of code as a layer."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

FOLDER = "app"


@dataclass(frozen=True)
class Layer:
    """A layer of an image."""

    digest: str
    """Digest of the compressed layer."""
    diff_id: str
    """Digest of the uncompressed layer."""
    size: int
    """Bytes of the compressed layer."""


class _Hashed(io.RawIOBase):
    """A file that computes the digest of what is written."""

    def __init__(self, file: BinaryIO | gzip.GzipFile) -> None:
        self._file, self._hash, self.size = file, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def write_layer(archive: Path, target: Path) -> Layer:
    """Write a zip archive as a compressed tar archive below `/app`.

    Without times and owners, in the order of names: the same files give the same layer.
    """
    with target.open("wb") as file:
        packed = _Hashed(file)
        with gzip.GzipFile("", "wb", mtime=0, fileobj=packed) as compressor:
            plain = _Hashed(compressor)
            _write_tar(archive, plain)
    return Layer(packed.digest, plain.digest, packed.size)


def _write_tar(archive: Path, target: _Hashed) -> None:
    with (
        zipfile.ZipFile(archive) as zipped,
        # The default form of Python may change.
        tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for member in sorted(zipped.infolist(), key=lambda each: each.filename):
            if member.is_dir():
                continue
            entry = tarfile.TarInfo(f"{FOLDER}/{member.filename}")
            entry.size = member.file_size
            entry.mode = (member.external_attr >> 16) & 0o777 or 0o644
            with zipped.open(member) as content:
                tar.addfile(entry, content)
