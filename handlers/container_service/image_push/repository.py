"""A repository of ECR, used by its API.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from types_boto3_ecr import ECRClient

_MAX_DIGESTS = 100
"""Maximum number of layers that ECR checks in one call."""


class Repository:
    """A repository.

    Args:
        client: the client of ECR.
        name: name of the repository.
    """

    def __init__(self, client: "ECRClient", name: str) -> None:
        self._client, self._name = client, name

    def find(self, tag: str) -> str:
        """Return the digest of the image with a tag, or ""."""
        found = self._client.batch_get_image(
            repositoryName=self._name, imageIds=[{"imageTag": tag}]
        )["images"]
        return found[0]["imageId"]["imageDigest"] if found else ""

    def missing(self, digests: Sequence[str]) -> set[str]:
        """Return the layers that are not in the repository."""
        known = set()
        for start in range(0, len(digests), _MAX_DIGESTS):
            answer = self._client.batch_check_layer_availability(
                repositoryName=self._name, layerDigests=digests[start : start + _MAX_DIGESTS]
            )
            known |= {
                each["layerDigest"]
                for each in answer["layers"]
                if each["layerAvailability"] == "AVAILABLE"
            }
        return set(digests) - known

    def upload(self, digest: str, content: "BinaryIO | HTTPResponse") -> None:
        """Upload a layer. ECR refuses it if it has another digest."""
        begun = self._client.initiate_layer_upload(repositoryName=self._name)
        upload, size, start = begun["uploadId"], begun["partSize"], 0
        while part := _read(content, size):
            self._client.upload_layer_part(
                repositoryName=self._name,
                uploadId=upload,
                partFirstByte=start,
                partLastByte=start + len(part) - 1,
                layerPartBlob=part,
            )
            start += len(part)
        try:
            self._client.complete_layer_upload(
                repositoryName=self._name, uploadId=upload, layerDigests=[digest]
            )
        except self._client.exceptions.LayerAlreadyExistsException:
            return  # another invocation was faster

    def upload_bytes(self, digest: str, content: bytes) -> None:
        """Upload a configuration, which ECR takes as a layer."""
        self.upload(digest, io.BytesIO(content))

    def put(self, manifest: bytes, media_type: str, tag: str) -> str:
        """Add the image under a tag, and return its digest.

        If another invocation has used the tag, its image stays: tags are immutable.
        """
        exceptions = self._client.exceptions
        try:
            made = self._client.put_image(
                repositoryName=self._name,
                imageManifest=manifest.decode(),
                imageManifestMediaType=media_type,
                imageTag=tag,
            )
        except (
            exceptions.ImageAlreadyExistsException,
            exceptions.ImageTagAlreadyExistsException,
        ):
            return self.find(tag)
        return made["image"]["imageId"]["imageDigest"]


def _read(content: "BinaryIO | HTTPResponse", size: int) -> bytes:
    """Read exactly `size` bytes, or less at the end: a part must not be smaller."""
    parts, rest = [], size
    while rest and (part := content.read(rest)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)
