"""Prices of products, with a cache in front of the catalogue."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from cache import Cache
from service_client import ServiceClient

from .prices import Prices
from .products import Products


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    catalogue_url: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Price some quantity of a product.

    Args:
        event: a proxy event of the service.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: not used.

    Returns:
        The proxy response of `getPrice` in `apis/prices.yaml`.
    """
    return prices()(event)


@cache
def prices() -> Api:
    """Return the service, created once for each process."""
    catalogue = ServiceClient("catalogue", environment.read(Settings).catalogue_url, timeout=1.5)
    return make(Products(catalogue, Cache()), allowed_origins())


def make(products: Products, origins: frozenset[str]) -> Api:
    """Return the API of these products."""
    return Api({"GET /prices/{productId}": Prices(products).get}, origins)
