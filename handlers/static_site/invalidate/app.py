"""Invalidates changed files of a site in CloudFront."""

import hashlib
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_clients import Clients

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

logger = logging.getLogger(__name__)

MOST_PATHS = 1_000
"""What a month has for nothing; beyond that one path for all is cheaper, and as quick."""


def handler(event: dict[str, Any], _context: object) -> dict[str, list[str]]:
    """Invalidate what differs between a deployment and the one before.

    Args:
        event: `{"distribution": ID, "files": {path: digest}, "tf": {"action", "prev_input"}}`, of
            which Pulumi's provider adds `tf`.
            https://www.pulumi.com/registry/packages/aws/api-docs/lambda/invocation/
        _context: Lambda's context object.

    Returns:
        `{"paths": [...]}`, what was invalidated.
    """
    life = event.get("tf", {})
    before = (life.get("prev_input") or {}) if life.get("action") == "update" else {}
    same = before.get("distribution") == event["distribution"]
    paths = changed(before["files"], event["files"]) if same else []
    if paths:
        invalidate(clients().cloudfront, event["distribution"], paths, event["files"])
    logger.info("invalidated", extra={"paths": len(paths)})
    return {"paths": paths}


@cache
def clients() -> Clients:
    """Make the clients of this execution environment."""
    return Clients()


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Every path under which the edge may hold a file that changed or is gone.

    An index is held under the name of its object, which the function at the edge asks for, and
    CloudFront may know it by the folder's name, which visitors ask for.
    """
    paths = set()
    for key, digest in before.items():
        if now.get(key) != digest:
            paths.add(f"/{key}")
            if key.endswith("index.html"):
                paths.add(f"/{key.removesuffix('index.html')}")
    return sorted(paths) if len(paths) <= MOST_PATHS else ["/*"]


def invalidate(
    client: "CloudFrontClient", distribution: str, paths: list[str], files: dict[str, str]
) -> None:
    """Create the invalidation. The same change asked for again, by a retry, is the same one."""
    reference = hashlib.sha256(repr((sorted(files.items()), paths)).encode()).hexdigest()
    client.create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "CallerReference": reference,
            "Paths": {"Quantity": len(paths), "Items": paths},
        },
    )
