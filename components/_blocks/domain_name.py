"""Domain names as arguments, in the form that DNS, certificates and CloudFront accept."""

from .arguments import Matches

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

# CloudFront refuses capital letters ("Requirements for using alternate domain names" in its
# developer guide), and an origin that is an IP address or has a port in its domain name.
DOMAIN_NAME = Matches(
    rf"({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])",
    "a domain name in lowercase, without scheme, port or wildcard, such as 'shop.example.com'",
)
"""A domain name of at least two labels, which is not an IP address."""
