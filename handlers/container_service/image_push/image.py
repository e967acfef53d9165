"""Composes the manifest and the configuration of an image from those of its base."""

import copy
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .layer import FOLDER, Layer

_USER = "65532:65532"
"""Nobody: no file in the image belongs to it."""
_DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
_OCI = "application/vnd.oci.image.manifest.v1+json"
_TYPES = {
    _DOCKER: (
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ),
    _OCI: (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar+gzip",
    ),
}
"""Media types of the configuration and of layers by that of the manifest, which must fit."""


@dataclass(frozen=True)
class Settings:
    """What an image runs."""

    command: tuple[str, ...]
    port: int


@dataclass(frozen=True)
class Image:
    """An image, as it is pushed."""

    manifest: bytes
    media_type: str
    config: bytes
    config_digest: str


def compose(
    base: dict[str, Any], base_config: dict[str, Any], layer: Layer, settings: Settings
) -> Image:
    """Return the image with one more layer. The same inputs give the same bytes."""
    media_type = _DOCKER if base.get("mediaType") == _DOCKER else _OCI
    config_type, layer_type = _TYPES[media_type]
    config = _json(_config(base_config, layer, settings))
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    own = {"mediaType": layer_type, "digest": layer.digest, "size": layer.size}
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": {"mediaType": config_type, "digest": digest, "size": len(config)},
        "layers": [*base["layers"], own],
    }
    return Image(_json(manifest), media_type, config, digest)


def _config(base: dict[str, Any], layer: Layer, settings: Settings) -> dict[str, Any]:
    config = copy.deepcopy(base)
    run = config.setdefault("config", {})
    run.pop("Entrypoint", None)
    run |= {
        "Cmd": list(settings.command),
        "Env": [*(run.get("Env") or ()), "PYTHONUNBUFFERED=1"],
        "ExposedPorts": {f"{settings.port}/tcp": {}},
        "User": _USER,
        "WorkingDir": f"/{FOLDER}",
    }
    config["rootfs"]["diff_ids"].append(layer.diff_id)
    config.setdefault("history", []).append({"created_by": "the code of the service"})
    return config


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
