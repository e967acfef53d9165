"""What ministack does otherwise than AWS and these systems depend on, put right one by one.

Each module says what is wrong, what AWS does and how to notice that upstream has put it right:
its test in `tests/local/emulator/` then passes with the mend left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..folder import Folder


@dataclass(frozen=True)
class Server:
    """What the mends need to know of the server that they are applied in."""

    runtime: Path
    """Interpreter of the Python functions."""
    folder: Folder


def apply(server: Server, unmended: list[str]) -> None:
    """Apply every mend but those named in `unmended`."""
    # Only in the server's process: importing a mend imports ministack.
    from . import (
        bucket_notifications,
        event_entries,
        event_targets,
        function_runtime,
        mapping_rights,
        partiql,
        queue_messages,
        secure_transport,
        stream_mappings,
    )

    mends: dict[str, Callable[[Server], None]] = {
        "bucket_notifications": bucket_notifications.apply,
        "event_entries": event_entries.apply,
        "event_targets": event_targets.apply,
        "function_runtime": function_runtime.apply,
        "mapping_rights": mapping_rights.apply,
        "partiql": partiql.apply,
        "queue_messages": queue_messages.apply,
        "secure_transport": secure_transport.apply,
        "stream_mappings": stream_mappings.apply,
    }
    for name in unmended:
        del mends[name]
    for mend in mends.values():
        mend(server)
