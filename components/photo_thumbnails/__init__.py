"""PhotoThumbnails: uploaded photos become thumbnails in a bucket that a distribution serves."""

from .component import PhotoThumbnails, PhotoThumbnailsArgs

__all__ = ["PhotoThumbnails", "PhotoThumbnailsArgs"]
