"""SiteFunction: the function at the edge that leads each path of a site to its page."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from .._blocks.bundle import handlers_folder
from .._blocks.validate import Problems
from .content import SiteFile

LARGEST = 10_240
"""Bytes that CloudFront takes for one function."""
_MISSING = "<!doctype html><meta charset=utf-8><title>404</title><h1>Not found</h1>"


def site_code(name: str, languages: Sequence[str], files: Sequence[SiteFile]) -> str:
    """The function's code.

    Args:
        name: the site's own name, whose `www.` leads to it; empty for none.
        languages: folders of the site, the first for visitors who know none of them.
        files: of which `404.html` (and `en/404.html`) become a part of the code.
    """
    missing = {"": _MISSING}
    for file in files:
        if file.key.rpartition("/")[2] == "404.html":
            missing[file.key.rpartition("/")[0]] = _small(file)
    site = {"name": name, "languages": list(languages), "missing": missing}
    source = (handlers_folder() / "static_site" / "pages.js").read_text()
    text = json.dumps(site, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"^ *//.*\n", "", source, flags=re.MULTILINE).replace("__SITE__", text)


def _small(file: SiteFile) -> str:
    text = file.path.read_text() if file.text is None else file.text
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def create_site_function(
    name: str, code: str, *, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Create the function and its store; ARN of the function and of the store.

    Args:
        name: prefix of both.
        code: see `site_code`.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    store = aws.cloudfront.KeyValueStore(f"{name}-paths", opts=opts)
    function = aws.cloudfront.Function(
        f"{name}-pages",
        runtime="cloudfront-js-2.0",
        code=code,
        key_value_store_associations=[store.arn],
        opts=opts,
    )
    return function.arn, store.arn


def create_site_keys(
    name: str,
    store_arn: pulumi.Input[str],
    table: Mapping[str, str],
    *,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """Fill the store with all paths, once what they lead to is there.

    Args:
        name: prefix of the resource.
        store_arn: the store.
        table: see `site_table`.
        parent: the component it belongs to.
        after: what must be there first.
    """
    pairs: list[Any] = [{"key": key, "value": table[key]} for key in sorted(table)]
    return aws.cloudfront.KeyvaluestoreKeysExclusive(
        f"{name}-paths",
        key_value_store_arn=store_arn,
        resource_key_value_pairs=pairs,
        max_batch_size=50,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after),
    )


def check_site_function(problems: Problems, code: str) -> None:
    """Check the size of the code."""
    size = len(code.encode())
    problems.that(
        size <= LARGEST,
        "content",
        f"'404.html' of all languages make the function at the edge {size} bytes large, over"
        f" {LARGEST}; make them smaller",
    )
