"""The limit of color profiles."""

MAX_PROFILE_BYTES = 16_000_000
"""Maximum size of a color profile. A JPEG cannot have more than 255 segments of 64 KiB."""
