"""Finds the properties of a resource that differ between two runs."""

from collections.abc import Iterable
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from local.engine.values import ARCHIVE, ASSET, SIGNATURE, Value, plain


def changed(
    before: struct_pb2.Struct, after: struct_pb2.Struct, ignored: Iterable[str]
) -> list[str]:
    """Returns the names of the properties that differ. Files are compared by content."""
    old, new = comparable(before), comparable(after)
    return sorted(
        key
        for key in old.keys() | new.keys()
        if key not in ignored and old.get(key) != new.get(key)
    )


def comparable(value: Value) -> Any:
    """Returns `value` with the engine's hash in place of each asset and archive."""
    if isinstance(value, struct_pb2.Struct):
        if SIGNATURE in value:
            return value["hash"] if value[SIGNATURE] in (ASSET, ARCHIVE) else plain(value)
        return {key: comparable(each) for key, each in value.items() if each is not None}
    if isinstance(value, struct_pb2.ListValue):
        return [comparable(each) for each in value]
    return plain(value)
