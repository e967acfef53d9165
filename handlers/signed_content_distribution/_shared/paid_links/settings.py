"""The settings that both functions have in common."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LinkSettings:
    """Read from the environment variables of the same names in uppercase."""

    content_url: str
    """URL of the content: `https://d111.cloudfront.net`."""
    key_id: str
    """ID of the signer's public key in CloudFront."""
    entitlements_table: str
    audit_table: str
    audit_retention_days: int
    """Days for which the audit record of a link is retained after the link expired."""
    min_seconds: int
    max_seconds: int
    default_seconds: int
    """Lifetime of links: minimum, maximum, and default."""
    cookie_domain: str = field(default="", kw_only=True)
    """Domain that this API and the content share, for cookies. Empty: no cookies."""
