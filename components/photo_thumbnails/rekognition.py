"""What Amazon Rekognition is asked about photos."""

from typing import NotRequired, Optional, TypedDict

from .._blocks.access import AccessArgs, allow
from .._blocks.validate import Problems


class ModerationArgs(TypedDict):
    """Whether Amazon Rekognition refuses photos for what they show; billed by the photo."""

    min_confidence: NotRequired[int]
    """Percent from which a photo is refused, 1 to 100. Default: 80."""


class LabelsArgs(TypedDict):
    """Whether Amazon Rekognition says what photos show; billed by the photo."""

    min_confidence: NotRequired[int]
    """Percent from which a label is kept, 1 to 100. Default: 75."""
    max_labels: NotRequired[int]
    """Labels of a photo, 1 to 100. Default: 10."""


def grant_rekognition(
    moderation: Optional[ModerationArgs], labels: Optional[LabelsArgs]
) -> AccessArgs:
    """What the function that makes thumbnails is told, and may do; 0 percent asks nothing."""
    actions, refused_from, kept_from, max_labels = [], 0, 0, 1
    if moderation is not None:
        actions.append("rekognition:DetectModerationLabels")
        refused_from = int(moderation.get("min_confidence", 80))
    if labels is not None:
        actions.append("rekognition:DetectLabels")
        kept_from = int(labels.get("min_confidence", 75))
        max_labels = int(labels.get("max_labels", 10))
    return {
        "environment": {
            "MODERATION_CONFIDENCE": str(refused_from),
            "LABEL_CONFIDENCE": str(kept_from),
            "MAX_LABELS": str(max_labels),
        },
        # Rekognition has no resource-level permissions for looking at a picture.
        "statements": [allow(actions, "*")] if actions else [],
    }


def check_rekognition(
    problems: Problems, moderation: Optional[ModerationArgs], labels: Optional[LabelsArgs]
) -> None:
    """Check both arguments of a component."""
    moderation, labels = moderation or {}, labels or {}
    problems.unknown(moderation, ModerationArgs.__annotations__)
    problems.unknown(labels, LabelsArgs.__annotations__)
    problems.between(moderation, "min_confidence", 1, 100, "percent")
    problems.between(labels, "min_confidence", 1, 100, "percent")
    problems.between(labels, "max_labels", 1, 100, "labels")
