"""Image analysis by Amazon Rekognition.

https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
"""

from typing import Any, Protocol

from PIL import Image

from .failure import Failure
from .picture import encode

_LEAST_PIXELS = 50
"""Rekognition refuses pictures with a shorter side."""


class Rekognition(Protocol):
    """The two operations that it uses."""

    def detect_moderation_labels(self, **wanted: Any) -> dict[str, Any]: ...
    def detect_labels(self, **wanted: Any) -> dict[str, Any]: ...


def refuse_what_nobody_should_see(client: Rekognition, image: Image.Image, confidence: int) -> None:
    """Ask for moderation labels.

    Raises:
        Failure: Moderated, with the labels.
    """
    answer = client.detect_moderation_labels(Image=_shown(image), MinConfidence=confidence)
    found = [label["Name"] for label in answer["ModerationLabels"]]
    if found:
        raise Failure(
            "Moderated",
            "The picture shows content that is not allowed here.",
            {"moderationLabels": found},
        )


def labels(client: Rekognition, image: Image.Image, confidence: int, most: int) -> list[str]:
    """Names of what it shows."""
    answer = client.detect_labels(Image=_shown(image), MinConfidence=confidence, MaxLabels=most)
    return [label["Name"] for label in answer["Labels"]]


def _shown(image: Image.Image) -> dict[str, bytes]:
    """The largest thumbnail as a JPEG: of any format, and far below the limit of 5 MB."""
    if min(image.size) < _LEAST_PIXELS:
        size = tuple(max(_LEAST_PIXELS, side) for side in image.size)
        image = image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    return {"Bytes": encode(image, "jpg", 90, b"")}
