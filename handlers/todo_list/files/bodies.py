"""Checks of request bodies. The limits are those of `apis/todo.yaml`."""

import re
from dataclasses import dataclass
from typing import Any

from api import Members

_WORD = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
_MEDIA_TYPE = re.compile(f"{_WORD}/{_WORD}")


@dataclass(frozen=True)
class NewFile:
    """A file to upload. Its name is not checked yet."""

    name: str
    content_type: str
    size: int
    overwrite: bool


def new_file(body: dict[str, Any], max_bytes: int) -> NewFile:
    """Read the body of uploadFile."""
    members = Members(body, ("name", "contentType", "size"), ("overwrite",))
    wanted = "a media type without parameters, such as image/jpeg"
    return NewFile(
        members.text("name", 981, min_length=1),
        members.matching("contentType", 127, _MEDIA_TYPE, wanted),
        members.integer("size", 0, max_bytes),
        members.boolean("overwrite") if "overwrite" in members else True,
    )
