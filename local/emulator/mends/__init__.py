"""What ministack does otherwise than AWS and these systems depend on, put right one by one.

Each module says what is wrong, what AWS does and how to notice that upstream has put it right:
its test in `tests/emulator/` then passes with the mend left out.
"""

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..folder import Folder

MENDS = (
    "access_logs",
    "authorizer_tokens",
    "bucket_notifications",
    "delivery_streams",
    "device_endpoint",
    "edge_addresses",
    "edge_cache",
    "edge_compression",
    "edge_key_values",
    "edge_overrides",
    "edge_signatures",
    "edge_uploads",
    "event_entries",
    "event_targets",
    "function_runtime",
    "gateway_rights",
    "identity_sessions",
    "lake_queries",
    "leading_keys",
    "login_pages",
    "mails",
    "mapping_rights",
    "openapi_documents",
    "partiql",
    "path_segments",
    "policy_variables",
    "query_rights",
    "queue_messages",
    "secure_transport",
    "stream_mappings",
    "token_endpoints",
    "topic_rules",
)


@dataclass(frozen=True)
class Server:
    """What the mends need to know of the server that they are applied in."""

    runtime: Path
    """Interpreter of the Python functions."""
    folder: Folder


def apply(server: Server, unmended: Collection[str]) -> None:
    """Apply every mend but those named in `unmended`."""
    for name in MENDS:
        if name not in unmended:
            # Only now, in the server's process: importing a mend imports ministack.
            importlib.import_module(f".{name}", __name__).apply(server)
