"""The settings of the function."""

import hashlib
import json
from dataclasses import dataclass

from .picture import ThumbnailOptions


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    uploads_bucket: str
    upload_prefix: str
    images_bucket: str
    image_prefix: str
    sizes: str
    """Such as `256,512`; see `ThumbnailOptions`."""
    formats: str
    """Such as `webp,original`; see `ThumbnailOptions`."""
    quality: int
    keep_color_profile: int
    """0 or 1."""
    max_upload_bytes: int
    manual_approval: int
    """1 to hold each photo until its upload is approved, otherwise 0."""
    timeout: int
    """Timeout of the function in seconds."""
    tries: int
    """Number of attempts after which a photo is given up."""
    moderation_confidence: int
    """Minimum confidence in percent of moderation labels that reject a photo. 0 disables this."""
    label_confidence: int
    """Minimum confidence in percent of labels to store. 0 disables them."""
    max_labels: int
    aws_lambda_function_memory_size: int
    """In MiB. Lambda sets this variable."""

    @property
    def options(self) -> ThumbnailOptions:
        """The options of the thumbnails."""
        sizes = tuple(map(int, self.sizes.split(",")))
        formats = tuple(self.formats.split(","))
        return ThumbnailOptions(sizes, formats, self.quality, bool(self.keep_color_profile))

    @property
    def digest(self) -> str:
        """Digest of all settings that change the thumbnails."""
        made_of = [self.sizes, self.formats, self.quality, self.keep_color_profile]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
