"""The CloudFront Function that maps each path of a site to its page."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Problems
from .._blocks.bundle import handlers_folder
from .content import SiteFile
from .media_types import EXTENSIONS

LARGEST = 10_240
"""Maximum size of a CloudFront Function in bytes."""
_MISSING = "<!doctype html><meta charset=utf-8><title>404</title><h1>Not found</h1>"


def site_code(name: str, languages: Sequence[str], files: Sequence[SiteFile]) -> str:
    """Return the function's code.

    Args:
        name: custom domain name of the site, to which `www.` redirects; empty for none.
        languages: languages of the site, the default first.
        files: files of the site; `404.html` (and `en/404.html`) become a part of the code.
    """
    missing = {"": _MISSING}
    for file in files:
        if file.key.rpartition("/")[2] == "404.html":
            missing[file.key.rpartition("/")[0]] = _minified(file)
    site = {
        "name": name,
        "languages": list(languages),
        "missing": missing,
        "extensions": ",".join(("", *EXTENSIONS, "")),
    }
    source = (handlers_folder() / "static_site" / "pages.js").read_text("utf-8")
    text = json.dumps(site, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"^ *//.*\n", "", source, flags=re.MULTILINE).replace("__SITE__", text)


def _minified(file: SiteFile) -> str:
    text = file.path.read_text("utf-8") if file.text is None else file.text
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def create_site_function(
    name: str, code: str, *, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Create the function and its key value store. Return the ARN of each.

    Args:
        name: prefix of the resources' names.
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
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """Write the table of paths to the key value store.

    Args:
        name: prefix of the resource's name.
        store_arn: ARN of the key value store.
        table: see `site_table`.
        parent: the component it belongs to.
        depends_on: resources to create first.
    """
    pairs: list[Any] = [{"key": key, "value": table[key]} for key in sorted(table)]
    return aws.cloudfront.KeyvaluestoreKeysExclusive(
        f"{name}-paths",
        key_value_store_arn=store_arn,
        resource_key_value_pairs=pairs,
        max_batch_size=50,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=depends_on),
    )


def check_site_function(problems: Problems, code: str) -> None:
    """Check the size of the code."""
    size = len(code.encode())
    problems.unless(
        size <= LARGEST,
        "content",
        f"makes a CloudFront Function of {size} bytes; the maximum is {LARGEST}. Shorten the"
        " '404.html' files, which are a part of it",
    )
