"""Invalidates changed files of a site in CloudFront."""

import hashlib
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_clients import Clients

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

logger = logging.getLogger(__name__)

MAX_PATHS = 1_000
"""Number of free paths per month. For more, one path for all files is cheaper."""
MAX_WILDCARDS = 15
"""Paths with a wildcard that can be in progress at the same time, a quota of CloudFront."""


def handler(event: dict[str, Any], _context: object) -> dict[str, list[str]]:
    """Invalidate the files that changed since the previous deployment.

    Args:
        event: `{"distribution": ID, "files": {path: state}, "routes": {pattern: page}, "tf":
            {"action", "prev_input"}}`. Paths are encoded as in URLs. A state is never that of
            another upload of the file. The Pulumi provider adds `tf`.
            https://www.pulumi.com/registry/packages/aws/api-docs/lambda/invocation/
        _context: the Lambda context object, not used.

    Returns:
        `{"paths": [...]}`, the invalidated paths.
    """
    life = event.get("tf", {})
    before = (life.get("prev_input") or {}) if life.get("action") == "update" else {}
    same = before.get("distribution") == event["distribution"]
    paths = changed(before, event) if same else []
    if paths:
        invalidate(clients().cloudfront, event["distribution"], paths, event["files"])
    logger.info("invalidated", extra={"paths": len(paths)})
    return {"paths": paths}


@cache
def clients() -> Clients:
    """Return the AWS clients, created once for each execution environment."""
    return Clients()


def changed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return every path under which CloudFront may cache a changed or deleted file.

    A file may be cached under its object key, which the edge function requests, and under the paths
    that visitors request: those of a folder, of a page without `.html` or of a route.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """
    files = {f"/{key}" for key, state in before["files"].items() if now["files"].get(key) != state}
    folders = {path.removesuffix("index.html") for path in files if path.endswith("/index.html")}
    short = {path.removesuffix(".html") for path in files if is_page(path)}
    routes = {
        pattern
        for pattern, page in before.get("routes", {}).items()
        if page in files or now["routes"].get(pattern) != page
    }
    paths = files | folders | short | routes
    few = len(paths) <= MAX_PATHS and len(routes) <= MAX_WILDCARDS
    return sorted(paths) if few else ["/*"]


def is_page(path: str) -> bool:
    """Whether a path without `.html` leads to a file."""
    return path.endswith(".html") and not path.endswith(("/index.html", "/404.html"))


def invalidate(
    client: "CloudFrontClient", distribution: str, paths: list[str], files: dict[str, str]
) -> None:
    """Create the invalidation.

    A retry has the same reference, so it does not create another. Each deployment has its own, as
    the states of its files differ from those of all others: for a reference that it knows,
    CloudFront would create nothing.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html
    """
    reference = hashlib.sha256(repr((sorted(files.items()), paths)).encode()).hexdigest()
    client.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "CallerReference": reference,
            "Paths": {"Quantity": len(paths), "Items": paths},
        },
    )
