"""ETags of the states of a resource.

https://www.rfc-editor.org/rfc/rfc9110#name-etag
"""

import hashlib
import re
from typing import Any

from .strict_json import write

_TAG = re.compile(r'"[\x21\x23-\x7e]*"')


def of_body(body: dict[str, Any], owner: str = "") -> str:
    """The ETag of a body, another one for every owner."""
    return f'"{hashlib.sha256(f"{owner} {write(body)}".encode()).hexdigest()[:32]}"'


def matches(header: str, etag: str) -> bool:
    """Tell whether the list of an If-None-Match header holds an ETag, weak or strong."""
    return header.strip() == "*" or etag in _TAG.findall(header)
