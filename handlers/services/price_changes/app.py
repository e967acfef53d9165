"""Removes changed products from the cache of prices."""

import json
from functools import cache
from typing import Any

from cache import Cache
from partial_batch import BadRecord, more_time, process

from .._shared.product_keys import product_key


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Remove the products of a batch.

    Args:
        event: an event of SQS. The body of each record is the message of the catalogue's topic,
            `{"productId": "tea", "version": 3}`.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: the Lambda context object.

    Returns:
        The messages that failed: `{"batchItemFailures": [{"itemIdentifier": ...}, ...]}`. One fails
        if it has no product, or if the cache is not available.
    """
    return process(event["Records"], _remove, more_time=more_time(context))


def _remove(record: dict[str, Any]) -> None:
    try:
        product_id = json.loads(record["body"])["productId"]
    except (KeyError, TypeError, ValueError):
        raise BadRecord("the message names no product") from None
    if not isinstance(product_id, str):
        raise BadRecord("the message names no product")
    _cache().delete(product_key(product_id))


@cache
def _cache() -> Cache:
    return Cache()
