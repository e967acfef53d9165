"""Image analysis by Amazon Rekognition.

https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
"""

from typing import Any, Protocol

from PIL import Image

from .failure import Failure
from .picture import encode

_MIN_SIDE = 50
"""Minimum width and height of a picture that Rekognition accepts, in pixels."""


class Rekognition(Protocol):
    """The operations of Rekognition that the function uses."""

    def detect_moderation_labels(self, **wanted: Any) -> dict[str, Any]: ...
    def detect_labels(self, **wanted: Any) -> dict[str, Any]: ...


def check_moderation(client: Rekognition, image: Image.Image, confidence: int) -> None:
    """Reject a picture that has moderation labels.

    Raises:
        Failure: Moderated, with the labels.
    """
    answer = client.detect_moderation_labels(Image=_bytes(image), MinConfidence=confidence)
    found = [label["Name"] for label in answer["ModerationLabels"]]
    if found:
        raise Failure(
            "Moderated",
            "The picture shows content that is not allowed here.",
            {"moderationLabels": found},
        )


def labels(client: Rekognition, image: Image.Image, confidence: int, limit: int) -> list[str]:
    """Return the names of at most `limit` labels."""
    answer = client.detect_labels(Image=_bytes(image), MinConfidence=confidence, MaxLabels=limit)
    return [label["Name"] for label in answer["Labels"]]


def _bytes(image: Image.Image) -> dict[str, bytes]:
    """Encode a thumbnail as a JPEG, which is far below the limit of 5 MB."""
    if min(image.size) < _MIN_SIDE:
        size = tuple(max(_MIN_SIDE, side) for side in image.size)
        image = image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    return {"Bytes": encode(image, "jpg", 90, b"")}
