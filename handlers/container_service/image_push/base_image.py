"""Reads a public image by its digest: the OCI distribution specification, without credentials.

Not through a pull-through cache of ECR: its first pull of an image must be by a tag, which may name
another image by then (containers-roadmap#2837).
https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import hashlib
import json
import re
import time
from functools import cached_property
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

_FORM = re.compile(
    r"(?P<registry>https?://[^/]+)/(?P<repository>[^:@]+)(:[^@]+)?@(?P<digest>sha256:[0-9a-f]{64})"
)
_CPUS = {"arm64": "arm64", "x86_64": "amd64"}
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ATTEMPTS, _SECONDS = 4, 30


class BaseImageError(Exception):
    """A base image cannot be read, or is not the one that was named."""


class BaseImage:
    """A public image.

    Args:
        address: `https://<registry>/<repository>:<tag>@<digest>`; the tag is only for people.
        architecture: `arm64` or `x86_64`, to choose from an image for several.

    Raises:
        BaseImageError: the address has another form.
    """

    def __init__(self, address: str, architecture: str) -> None:
        found = _FORM.fullmatch(address)
        if found is None:
            raise BaseImageError(f"{address} is not the address of an image with its digest")
        self._registry, self._repository = found["registry"], found["repository"]
        self._digest, self._cpu = found["digest"], _CPUS[architecture]

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest for the architecture."""
        found = self._read_json("manifests", self._digest)
        if found.get("mediaType") not in _INDEXES:
            return found
        for each in found["manifests"]:
            platform = each.get("platform", {})
            if (platform.get("os"), platform.get("architecture")) == ("linux", self._cpu):
                return self._read_json("manifests", each["digest"])
        raise BaseImageError(f"{self._repository} has no image for Linux and {self._cpu}")

    @cached_property
    def config(self) -> dict[str, Any]:
        """The configuration."""
        return self._read_json("blobs", self.manifest["config"]["digest"])

    @property
    def layers(self) -> list[str]:
        """The digests of the layers."""
        return [each["digest"] for each in self.manifest["layers"]]

    def open(self, digest: str) -> HTTPResponse:
        """Open a layer, to read from."""
        return self._open("blobs", digest)

    def _read_json(self, kind: str, digest: str) -> dict[str, Any]:
        with self._open(kind, digest) as answer:
            content = answer.read()
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise BaseImageError(f"{self._repository} has other content than {digest}")
        made: dict[str, Any] = json.loads(content)
        return made

    def _open(self, kind: str, digest: str) -> HTTPResponse:
        request = Request(f"{self._registry}/v2/{self._repository}/{kind}/{digest}")
        request.add_header("Accept", ", ".join((*_INDEXES, *_MANIFESTS)))
        # Blobs are elsewhere, by signed addresses: the token is for the registry alone.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return _patiently(request)

    @cached_property
    def _token(self) -> str:
        """The token that everybody gets. https://distribution.github.io/distribution/spec/auth/"""
        scope = f"repository:{self._repository}:pull"
        query = urlencode({"service": urlsplit(self._registry).netloc, "scope": scope})
        with _patiently(Request(f"{self._registry}/token/?{query}")) as answer:
            token: str = json.load(answer)["token"]
        return token


def _patiently(request: Request) -> HTTPResponse:
    for attempt in range(_ATTEMPTS):
        try:
            opened: HTTPResponse = urlopen(request, timeout=_SECONDS)
            return opened
        except HTTPError as error:
            error.close()
            last: Exception = error
            if error.code != 429 and error.code < 500:
                break
        except URLError as error:
            last = error
        if attempt + 1 < _ATTEMPTS:
            time.sleep(2**attempt)
    raise BaseImageError(f"{request.full_url} cannot be read: {last}")
