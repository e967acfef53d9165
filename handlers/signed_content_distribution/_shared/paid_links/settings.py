"""What both functions are told by their environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkSettings:
    """Read from the variables of the same names in capitals."""

    content_url: str
    """Where the content is: `https://d111.cloudfront.net`."""
    key_id: str
    """CloudFront's ID of the public key of whoever signs."""
    entitlements_table: str
    audit_table: str
    audit_retention_days: int
    """How long a record of a link is kept."""
    min_seconds: int
    max_seconds: int
    default_seconds: int
    """How long links work: at least, at most, and when the caller does not say."""
