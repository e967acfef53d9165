"""Images for tests: layers over a base image that is not pushed, pushed with ECR's own API."""

import gzip
import hashlib
import io
import json
import tarfile

OCI = "application/vnd.oci.image"
BASE = "sha256:" + "b" * 64
"""The layer of a base image, which is in another registry."""


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer(**files: str) -> bytes:
    """A layer with files below /app; `__` in a name stands for a dot."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"app/{name.replace('__', '.')}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def push_layer(ecr, repository: str, content: bytes) -> str:
    upload = ecr.initiate_layer_upload(repositoryName=repository)
    known = {"repositoryName": repository, "uploadId": upload["uploadId"]}
    ecr.upload_layer_part(
        partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content, **known
    )
    ecr.complete_layer_upload(layerDigests=[digest_of(content)], **known)
    return digest_of(content)


def push(ecr, repository: str, *layers: bytes, tag: str = "latest", **settings: object) -> str:
    """Push an image and return its reference by digest. `settings` are those of the config."""
    command = {"Cmd": ["python", "server.py"], "WorkingDir": "/app"}
    config = json.dumps(
        {"architecture": "arm64", "os": "linux", "config": {**command, **settings}}
    ).encode()
    pushed = [push_layer(ecr, repository, each) for each in (*layers, config)]
    kind = f"{OCI}.layer.v1.tar+gzip"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": {
                "mediaType": f"{OCI}.config.v1+json",
                "digest": pushed[-1],
                "size": len(config),
            },
            "layers": [
                {"mediaType": kind, "digest": each, "size": 1} for each in (BASE, *pushed[:-1])
            ],
        }
    )
    ecr.put_image(
        repositoryName=repository,
        imageManifest=manifest,
        imageManifestMediaType=f"{OCI}.manifest.v1+json",
        imageTag=tag,
    )
    found = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
    return f"{found['repositoryUri']}@{digest_of(manifest.encode())}"
