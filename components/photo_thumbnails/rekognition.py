"""Image analysis of photos by Amazon Rekognition."""

from typing import NotRequired, Optional, TypedDict

from .._blocks.access import AccessArgs, allow
from .._blocks.arguments import Between, declare


class ModerationArgs(TypedDict):
    """Content moderation by Amazon Rekognition; billed for each photo."""

    min_confidence: NotRequired[int]
    """Confidence at which a moderation label rejects a photo, 1 to 100 percent. Default: 80."""


class LabelsArgs(TypedDict):
    """Label detection by Amazon Rekognition; billed for each photo."""

    min_confidence: NotRequired[int]
    """Confidence from which a label is kept, 1 to 100 percent. Default: 75."""
    max_labels: NotRequired[int]
    """Maximum number of labels of a photo, 1 to 100. Default: 10."""


_PERCENT = Between(1, 100, "percent")
declare(ModerationArgs, defaults={"min_confidence": 80}, limits={"min_confidence": _PERCENT})
declare(
    LabelsArgs,
    defaults={"min_confidence": 75, "max_labels": 10},
    limits={"min_confidence": _PERCENT, "max_labels": Between(1, 100, "labels")},
)


def grant_rekognition(
    moderation: Optional[ModerationArgs], labels: Optional[LabelsArgs]
) -> AccessArgs:
    """Environment and permissions of the function; a confidence of 0 turns an analysis off."""
    actions, moderation_confidence, label_confidence, max_labels = [], 0, 0, 1
    if moderation is not None:
        actions.append("rekognition:DetectModerationLabels")
        moderation_confidence = moderation["min_confidence"]
    if labels is not None:
        actions.append("rekognition:DetectLabels")
        label_confidence = labels["min_confidence"]
        max_labels = labels["max_labels"]
    return {
        "environment": {
            "MODERATION_CONFIDENCE": str(moderation_confidence),
            "LABEL_CONFIDENCE": str(label_confidence),
            "MAX_LABELS": str(max_labels),
        },
        # The detection actions of Rekognition have no resource-level permissions.
        "statements": [allow(actions, "*")] if actions else [],
    }
