"""A CloudFront function reads its key value store.

Stock 1.5.33 stores key value stores and rejects functions that import `cloudfront`, the module that
reads them. Its ARN of a store ends in the name.

AWS: "Helper methods for key value stores" (`cf.kvs()`, with `get`, `exists`, `count`); an ARN ends
in the ID, a UUID (pattern of `KeyValueStoreARN` in the API model).

ministack has fixed this when tests/emulator/test_edge_key_values.py passes with
`unpatched=("edge_key_values",)`.
"""

import json
import re
import uuid
from typing import Any

from ministack.services import cloudfront, cloudfront_keyvaluestore

from . import Server

IMPORT = re.compile(rb"""^\s*import\s+(\w+)\s+from\s+['"]cloudfront['"]\s*;?\s*$""", re.MULTILINE)
MODULE = """
const %s = {kvs: () => ({
  async get(key, {format = "string"} = {}) {
    if (!Object.hasOwn(__items, key)) throw new Error("KeyNotFound");
    return format === "json" ? JSON.parse(__items[key]) : __items[key];
  },
  async exists(key) { return Object.hasOwn(__items, key); },
  async count() { return Object.keys(__items).length; },
})}; const __items = %s;
"""


def apply(server: Server) -> None:
    live_code = cloudfront.live_function_code
    _name_by_id()

    def live_code_with_module(arn: str) -> bytes | None:
        code: bytes | None = live_code(arn)
        found = IMPORT.search(code) if code else None
        if code is None or found is None:
            return code
        module = MODULE % (found[1].decode(), json.dumps(_items(arn)))
        return IMPORT.sub(lambda _: module.replace("\n", " ").encode(), code)

    cloudfront.live_function_code = live_code_with_module


def _name_by_id() -> None:
    """Give stores ARNs with an ID, and find them by it."""
    named_arn = cloudfront._kvs_arn
    name_of = cloudfront_keyvaluestore._kvs_name_from_arn
    tagged = cloudfront._resolve_taggable_cloudfront_arn

    def name_from_arn(arn: str) -> Any:
        name = _name(arn)
        return (name, None) if name else name_of(arn)

    def resolve(arn: str) -> Any:
        return (arn, None) if _name(arn) else tagged(arn)

    cloudfront._kvs_arn = lambda name: named_arn(str(uuid.uuid5(uuid.NAMESPACE_URL, name)))
    cloudfront_keyvaluestore._kvs_name_from_arn = name_from_arn
    cloudfront._resolve_taggable_cloudfront_arn = resolve


def _name(arn: str) -> str | None:
    stores = cloudfront._kvstores.values()
    return next((each["Name"] for each in stores if each["ARN"] == arn), None)


def _items(function_arn: str) -> dict[str, Any]:
    """Return the pairs of the only store that a function can have."""
    function = cloudfront._functions.get(function_arn.rsplit("/", 1)[-1]) or {}
    stores = [cloudfront_keyvaluestore._stores.get(arn) for arn in function.get("kvs_arns", [])]
    return {key: value for store in stores if store for key, value in store["items"].items()}
