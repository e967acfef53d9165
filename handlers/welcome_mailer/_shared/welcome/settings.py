"""The settings of the functions that send welcome mails."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WelcomeSettings:
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str
    from_address: str
    """Such as `MyBlog <hello@example.com>`, or only the address."""
    configuration_set: str
    templates: str
    """JSON: the template name of each language. The first is the default for other languages."""
    confirmations: str
    """The same for confirmation mails."""
    api_url: str
    site_url: str
    retry_after_seconds: int
    """Seconds within which SES must report a mail as sent. After this, it is retried."""
