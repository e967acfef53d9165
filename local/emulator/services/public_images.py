"""The one base image of the emulated public registry: an empty layer for each CPU.

Tasks run with the interpreter of this machine, so the contents of a base image do not matter here.
Each reference to a public image is one to this image: `here`.
"""

import gzip
import hashlib
import json
import re

FOLDER = "public.ecr.aws"
REFERENCE = re.compile(
    rf"https://{re.escape(FOLDER)}/([a-z0-9/._-]+)(:[\w.-]+)?@sha256:[0-9a-f]{{64}}"
)
_TYPE = "application/vnd.oci.image"


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _add(blobs: dict[str, bytes], content: bytes, kind: str) -> dict[str, object]:
    """Add a blob and return its descriptor."""
    digest = _digest(content)
    blobs[digest] = content
    return {"mediaType": f"{_TYPE}.{kind}", "digest": digest, "size": len(content)}


def _make() -> tuple[str, dict[str, bytes]]:
    blobs: dict[str, bytes] = {}
    plain = bytes(10_240)  # the end of a tar archive, and nothing else
    layer = _add(blobs, gzip.compress(plain, mtime=0), "layer.v1.tar+gzip")
    manifests = []
    for cpu in ("amd64", "arm64"):
        config = {
            "architecture": cpu,
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Cmd": ["python3"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(plain)]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{_TYPE}.manifest.v1+json",
            "config": _add(blobs, json.dumps(config).encode(), "config.v1+json"),
            "layers": [layer],
        }
        made = _add(blobs, json.dumps(manifest).encode(), "manifest.v1+json")
        manifests.append({**made, "platform": {"os": "linux", "architecture": cpu}})
    index = {
        "schemaVersion": 2,
        "mediaType": f"{_TYPE}.index.v1+json",
        "manifests": manifests,
    }
    return str(_add(blobs, json.dumps(index).encode(), "index.v1+json")["digest"]), blobs


DIGEST, BLOBS = _make()
"""The digest of the index, and all its parts."""


def here(text: str, endpoint: str) -> str:
    """Return a text with the image of the emulator for each public image with a digest."""
    return REFERENCE.sub(rf"{endpoint}/{FOLDER}/\1\2@{DIGEST}", text)
