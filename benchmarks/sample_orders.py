"""Orders of a typical size, as place_order accepts them."""

import json
from typing import Any


def request(key: str) -> dict[str, Any]:
    """Return the event of a direct invocation, an order with three items."""
    order = {
        "customerId": f"customer-{key}",
        "currency": "EUR",
        "items": [
            {"sku": f"SKU-{number}", "quantity": number, "unitPrice": 1250} for number in (1, 2, 3)
        ],
        "shippingAddress": {
            "name": "Ada Lovelace",
            "street": "12 St James's Square",
            "city": "London",
            "postalCode": "SW1Y 4JH",
            "country": "GB",
        },
        "note": "x" * 200,
    }
    return {
        "principal": "benchmark",
        "headers": {"Idempotency-Key": key},
        "body": json.dumps(order),
    }
