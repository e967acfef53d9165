"""Conversion between the protobuf structs of the Pulumi SDK and plain Python."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from google.protobuf import struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import rpc

SIGNATURE = rpc._special_sig_key
SECRET = rpc._special_secret_sig
ASSET = rpc._special_asset_sig
ARCHIVE = rpc._special_archive_sig
RESOURCE = rpc._special_resource_sig
OUTPUT = rpc._special_output_value_sig
ASSETS = {
    pulumi.AssetArchive: "assets",
    pulumi.FileArchive: "path",
    pulumi.FileAsset: "path",
    pulumi.StringAsset: "text",
    pulumi.RemoteArchive: "uri",
    pulumi.RemoteAsset: "uri",
}


Value = Any
"""Any value of a protobuf struct or of JSON."""
Message = Any
"""A protobuf message of the SDK, which has no types for them."""


class Unknown:
    """An output without a value in local mode."""

    def __repr__(self) -> str:
        return "<no local value>"


UNKNOWN = Unknown()


def plain(value: Value) -> Value:
    """Returns plain Python: secrets as plain values, assets as objects, whole numbers as int.

    Protobuf has only floats, and boto3 and AWS do not accept 50.0 for 50.
    """
    if isinstance(value, struct_pb2.Struct):
        if SIGNATURE in value:
            return _signed(value)
        return {key: plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, struct_pb2.ListValue):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNKNOWN if value == rpc.UNKNOWN else value


def _signed(value: Message) -> Value:
    kind = value[SIGNATURE]
    if kind in (ASSET, ARCHIVE):
        return rpc.deserialize_properties(value)
    if kind == SECRET:
        return plain(value["value"])
    if kind == OUTPUT:
        return plain(value["value"]) if "value" in value else UNKNOWN
    if kind == RESOURCE:
        return plain(value["id"]) if "id" in value else value["urn"]
    raise ValueError(f"unexpected value of kind {kind}")


def merged(
    inputs: struct_pb2.Struct, outputs: Mapping[str, Any], secret: frozenset[str]
) -> struct_pb2.Struct:
    """Returns the state of a resource: its inputs, with `outputs` over them.

    A property that was secret as an input stays secret; `secret` names further secret outputs.
    """
    state = struct_pb2.Struct()
    state.CopyFrom(inputs)
    for key, value in outputs.items():
        hidden = key in secret or (key in inputs and _is_secret(inputs[key]))
        state.update({key: {SIGNATURE: SECRET, "value": value} if hidden else value})
    return state


def _is_secret(value: Value) -> bool:
    return (
        isinstance(value, struct_pb2.Struct)
        and SIGNATURE in value
        and bool(value[SIGNATURE] == SECRET)
    )


def unknown_paths(value: Value, path: str = "") -> Iterator[str]:
    """Yields the paths in `value` of outputs without a value: `environment.variables.TABLE`."""
    if isinstance(value, Unknown):
        yield path
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from unknown_paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unknown_paths(each, f"{path}[{index}]")


def secret_paths(value: Message, path: str = "") -> Iterator[str]:
    """Yields the paths of secrets in a protobuf value: `orders.password`."""
    if _is_secret(value):
        yield path
    elif isinstance(value, struct_pb2.Struct):
        for key, each in value.items():
            yield from secret_paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, struct_pb2.ListValue) and any(map(list, map(secret_paths, value))):
        yield path


def reportable(value: Value) -> Value:
    """Returns `value` for JSON: an asset becomes its path, text or URI."""
    if isinstance(value, Mapping):
        return {key: reportable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [reportable(each) for each in value]
    for kind, field in ASSETS.items():
        if isinstance(value, kind):
            return {field: reportable(getattr(value, field))}
    return None if isinstance(value, Unknown) else value


def decoded(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings of an explicit provider, which the SDK sends as JSON text."""
    return {
        key: json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        for key, value in config.items()
    }
