"""A CloudFront function reads its key value store.

Stock 1.5.33 stores key value stores and rejects functions that import `cloudfront`, the module that
reads them.

AWS: "Helper methods for key value stores" (`cf.kvs()`, with `get`, `exists`, `count`).

ministack has fixed this when tests/emulator/test_edge_key_values.py passes with
`unpatched=("edge_key_values",)`.
"""

import json
import re
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

    def live_code_with_module(arn: str) -> bytes | None:
        code: bytes | None = live_code(arn)
        found = IMPORT.search(code) if code else None
        if code is None or found is None:
            return code
        module = MODULE % (found[1].decode(), json.dumps(_items(arn)))
        return IMPORT.sub(lambda _: module.replace("\n", " ").encode(), code)

    cloudfront.live_function_code = live_code_with_module


def _items(function_arn: str) -> dict[str, Any]:
    """Return the pairs of the only store that a function can have."""
    function = cloudfront._functions.get(function_arn.rsplit("/", 1)[-1]) or {}
    stores = [cloudfront_keyvaluestore._stores.get(arn) for arn in function.get("kvs_arns", [])]
    return {key: value for store in stores if store for key, value in store["items"].items()}
