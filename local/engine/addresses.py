"""Addresses that AWS gives by a rule, so that programs put them together themselves.

Everything else has an output that a creator fills with a local address. A user pool's login pages
have none: their address is made of the domain's prefix and the region.
"""

import re
from collections.abc import Mapping

from local.engine.values import Value

LOGIN = re.compile(r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com")


def served_here(value: Value, endpoint: str) -> Value:
    """`value` with the local address in place of AWS's, in all texts that it holds."""
    if isinstance(value, str):
        return LOGIN.sub(endpoint, value)
    if isinstance(value, Mapping):
        return {key: served_here(each, endpoint) for key, each in value.items()}
    if isinstance(value, list):
        return [served_here(each, endpoint) for each in value]
    return value
