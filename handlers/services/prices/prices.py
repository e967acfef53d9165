"""Computes the price of some quantity of a product."""

import re
from typing import Any

from api import Refusal, Request, Response
from service_client import ServiceUnavailable

from .products import Products

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MAX_QUANTITY = 1000
_DISCOUNTS = ((100, 10), (10, 5))
"""Quantity and the percentage that it is cheaper from there on, largest first."""


class Prices:
    """The operations of the service."""

    def __init__(self, products: Products) -> None:
        self._products = products

    def get(self, request: Request) -> Response:
        """Price a product. 503 if neither the catalogue nor a copy of the product is there."""
        product_id, quantity = request.parameter("productId"), _quantity_of(request)
        if not _ID.fullmatch(product_id):
            raise Refusal(400, "productId", "must be 1 to 64 lowercase letters, digits and '-'")
        try:
            found = self._products.find(product_id)
        except ServiceUnavailable:
            raise Refusal(503, "", "the catalogue is not available; try again") from None
        if found.product is None:
            raise Refusal(404, "productId", "is not the ID of a product")
        body = {**price(found.product, quantity), "source": found.source}
        return Response(200, body)


def price(product: dict[str, Any], quantity: int) -> dict[str, Any]:
    """Return the price of a quantity, rounded to cents in favour of the buyer."""
    percent = next((percent for least, percent in _DISCOUNTS if quantity >= least), 0)
    total = product["priceCents"] * quantity * (100 - percent) // 100
    return {
        "productId": product["productId"],
        "quantity": quantity,
        "unitCents": product["priceCents"],
        "discountPercent": percent,
        "totalCents": total,
    }


def _quantity_of(request: Request) -> int:
    text = request.query("quantity") or "1"
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= _MAX_QUANTITY:
        raise Refusal(400, "quantity", f"must be a whole number from 1 to {_MAX_QUANTITY}")
    return int(text)
