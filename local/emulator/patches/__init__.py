"""Patches for behavior in which ministack differs from AWS and on which these systems depend.

Each module says what is wrong, what AWS does, and how to notice that ministack has fixed it: its
test in `tests/emulator/` then passes without the patch.
"""

import importlib
import pkgutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..folder import Folder

PATCHES = tuple(sorted(each.name for each in pkgutil.iter_modules(__path__)))


@dataclass(frozen=True)
class Server:
    """The settings of the server for patches."""

    runtime: Path
    """Interpreter of the Python functions."""
    folder: Folder
    secret: str
    """The administrator's secret access key, and the source of other secrets."""


def apply(server: Server, unpatched: Collection[str]) -> None:
    """Apply every patch but those named in `unpatched`."""
    for name in PATCHES:
        if name not in unpatched:
            # Imported late, in the server's process: a patch imports ministack.
            importlib.import_module(f".{name}", __name__).apply(server)
