"""Images of the emulated registry, unpacked into a folder of this machine.

Only layers that were pushed are unpacked: those of the base image are not in the registry. An
image of a user that contains all its layers is unpacked whole, but its Python is that of functions
here too.
"""

import hashlib
import io
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ministack.core.responses import request_scope
from ministack.services import ecr

REFERENCE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<repository>[^@:]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


class ImageError(Exception):
    """An image is not in the emulated registry, or differs from its digest."""


@dataclass(frozen=True)
class Image:
    """An unpacked image."""

    digest: str
    root: Path
    """The folder that stands for `/`."""
    command: tuple[str, ...]
    entrypoint: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    """The working directory, below `root`."""

    def local(self, text: str) -> str:
        """Return a text with paths below `root` for those absolute paths that the image has."""
        return ":".join(self._path(part) for part in text.split(":"))

    def _path(self, text: str) -> str:
        inside = self.root / text.lstrip("/")
        return str(inside) if text.startswith("/") and text != "/" and inside.exists() else text


class Images:
    """Unpacks each image once, by its digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def digest(self, reference: str) -> str:
        """Return the digest of the manifest that a reference names now.

        Raises ImageError if the emulated registry does not have it.
        """
        return hashed(self._manifest(reference)[1].encode())

    def get(self, reference: str) -> Image:
        """Return an unpacked image. Raises ImageError."""
        found, text = self._manifest(reference)
        manifest, digest = json.loads(text), hashed(text.encode())
        with request_scope(found["account"], found["region"]):
            blobs = dict(ecr._layer_blobs.get(found["repository"], {}))
        config = json.loads(_blob(blobs, manifest["config"]["digest"], reference))
        root = self._folder / digest.removeprefix("sha256:")
        with self._lock:
            if not root.exists():
                pushed = [each["digest"] for each in manifest["layers"] if each["digest"] in blobs]
                unpack([_blob(blobs, each, reference) for each in pushed], root)
        settings = config.get("config", {})
        variables = dict(each.split("=", 1) for each in settings.get("Env") or ())
        # The base image's programs are not here.
        variables.pop("PATH", None)
        folder = root / (settings.get("WorkingDir") or "/").lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        command, entrypoint = settings.get("Cmd") or (), settings.get("Entrypoint") or ()
        return Image(digest, root, tuple(command), tuple(entrypoint), variables, folder)

    def clear(self) -> None:
        """Remove all unpacked images."""
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _manifest(self, reference: str) -> tuple[dict[str, str], str]:
        match = REFERENCE.fullmatch(reference)
        if match is None:
            raise ImageError(
                f"{reference} is not in the emulated ECR: push it, as there is no other"
            )
        found = match.groupdict()
        wanted = {"imageDigest": found["digest"], "imageTag": found["tag"] or "latest"}
        if found["digest"]:
            wanted.pop("imageTag")
        with request_scope(found["account"], found["region"]):
            image = ecr._find_image(found["repository"], wanted)
        if image is None:
            raise ImageError(f"the emulated ECR has no image {reference}")
        text = image["imageManifest"]
        if found["digest"] and hashed(text.encode()) != found["digest"]:
            raise ImageError(f"the manifest of {reference} has another digest")
        return found, text


def hashed(content: bytes) -> str:
    """Return a digest in the form of a registry."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def unpack(layers: Sequence[bytes], root: Path) -> None:
    """Unpack layers in their order, with the files that a later layer removes."""
    partial = root.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for content in layers:
        with tarfile.open(fileobj=io.BytesIO(content)) as layer:
            for member in layer:
                path = partial / member.name
                # "OCI image layer specification", whiteouts
                if path.name.startswith(".wh."):
                    _remove(path.with_name(path.name.removeprefix(".wh.")))
                else:
                    layer.extract(member, partial, filter="data")
    partial.rename(root)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _blob(blobs: Mapping[str, bytes], digest: str, reference: str) -> bytes:
    content = blobs.get(digest)
    if content is None:
        raise ImageError(f"{reference} has no blob {digest}: it was not pushed")
    if hashed(content) != digest:
        raise ImageError(f"the blob {digest} of {reference} has another digest")
    return content
