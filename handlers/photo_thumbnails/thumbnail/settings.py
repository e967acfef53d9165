"""The function's environment."""

import hashlib
import json
from dataclasses import dataclass

from .picture import Look


@dataclass(frozen=True)
class Settings:
    """Read from the variables of the same names in capitals."""

    uploads_bucket: str
    upload_prefix: str
    images_bucket: str
    image_prefix: str
    sizes: str
    """`256,512`: see `Look`, as the next two."""
    formats: str
    """`webp,original`."""
    quality: int
    keep_color_profile: int
    """0 or 1."""
    max_upload_bytes: int
    tries: int
    """How often the queue hands a message out before its dead-letter queue."""
    moderation_confidence: int
    """Percent from which a photo is refused for what it shows; 0 looks at none."""
    label_confidence: int
    """Percent from which a label of what it shows is kept; 0 asks for none."""
    max_labels: int
    aws_lambda_function_memory_size: int
    """MiB; Lambda sets it."""

    @property
    def look(self) -> Look:
        """What thumbnails look like."""
        sizes = tuple(map(int, self.sizes.split(",")))
        formats = tuple(self.formats.split(","))
        return Look(sizes, formats, self.quality, bool(self.keep_color_profile))

    @property
    def digest(self) -> str:
        """Of all that makes thumbnails other files."""
        made_of = [self.sizes, self.formats, self.quality, self.keep_color_profile]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
