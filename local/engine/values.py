"""Values on their way between the Pulumi SDK's protobuf structs and plain Python."""

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
"""Anything that a protobuf struct or JSON can hold."""
Message = Any
"""A protobuf message of the SDK, which ships no types for them."""


class Unknown:
    """Stands where an output has no value in local mode."""

    def __repr__(self) -> str:
        return "<no local value>"


UNKNOWN = Unknown()


def plain(value: Value) -> Value:
    """Plain Python for a protobuf value: secrets opened, assets as objects, whole numbers as int.

    Protobuf knows floats only, and neither boto3 nor AWS takes 50.0 for 50.
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
    """The state of a new resource: its inputs with `outputs` over them.

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
    """Where in `value` an output has no local value: `environment.variables.TABLE`."""
    if isinstance(value, Unknown):
        yield path
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from unknown_paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unknown_paths(each, f"{path}[{index}]")


def secret_paths(value: Message, path: str = "") -> Iterator[str]:
    """Where in a protobuf value something is secret: `orders.password`."""
    if _is_secret(value):
        yield path
    elif isinstance(value, struct_pb2.Struct):
        for key, each in value.items():
            yield from secret_paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, struct_pb2.ListValue) and any(map(list, map(secret_paths, value))):
        yield path


def reportable(value: Value) -> Value:
    """`value` as JSON can hold it: an asset becomes the path, text or URI it stands for."""
    if isinstance(value, Mapping):
        return {key: reportable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [reportable(each) for each in value]
    for kind, field in ASSETS.items():
        if isinstance(value, kind):
            return {field: reportable(getattr(value, field))}
    return None if isinstance(value, Unknown) else value


def decoded(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an explicit provider; the SDK sends all but text as JSON text."""
    return {
        key: json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        for key, value in config.items()
    }
