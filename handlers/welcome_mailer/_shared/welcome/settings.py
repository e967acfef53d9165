"""The settings of the functions that send welcome mails."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WelcomeSettings:
    """Read from the variables of the same names in capitals."""

    blog_table: str
    from_address: str
    """`MyBlog <hello@example.com>`, or the address alone."""
    configuration_set: str
    templates: str
    """JSON: the name of the template of each language; the first stands in for all others."""
    api_url: str
    site_url: str
    retry_after_seconds: int
    """How long SES has to report a mail as sent before it counts as not sent."""
