"""ETags of the states of a resource.

https://www.rfc-editor.org/rfc/rfc9110#name-etag
"""

import hashlib
import re
from typing import Any

from .strict_json import write

_TAG = re.compile(r'"[\x21\x23-\x7e]*"')


def of_body(body: dict[str, Any], owner: str = "") -> str:
    """Return the ETag of a body, which differs for each owner."""
    return f'"{hashlib.sha256(f"{owner} {write(body)}".encode()).hexdigest()[:32]}"'


def matches(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match header contains an ETag, weak or strong."""
    return header.strip() == "*" or etag in _TAG.findall(header)
