"""Checks of the orders: placed twice over HTTP, shipped once."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .checks import Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import Answer, call, send


class Orders(SystemChecks):
    """The checks of the system `orders`."""

    name = "orders"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed
        self._key = ""
        self._order_id = ""
        self._shipped = False

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("the API refuses a caller without a key", self._no_key),
            Check("an invalid order is refused with its field", self._invalid, 180),
            Check("an order placed twice is one order", self._place),
            Check("it is shipped once", self._ship, 180, after=self._place),
        ]

    def _no_key(self) -> None:
        self._post(self._order(), key="").expect(403)

    def _invalid(self) -> None:
        # AWS takes a while to know a new key everywhere.
        self.clock.until(
            lambda: self._post(self._order(quantity=-1)).status != 403, "the key to be known"
        )
        answer = self._post(self._order(quantity=-1)).expect(400)
        if answer.json.get("field") not in ("items[0].quantity", "body"):
            raise Failed(f"the field is {answer.json.get('field')}")

    def _place(self) -> None:
        self.remove_later(f"order of customer {self._deployed.run}", self._remove_order)
        first = self._post(self._order()).expect(201).json
        self._order_id = first["orderId"]
        again = self._post(self._order()).expect(200).json
        if again != first:
            raise Failed("the second response is another order")
        self._post(self._order(quantity=3)).expect(409)
        url = f"{self._deployed['apiUrl']}/orders/{self._order_id}"
        call(url, x_api_key=self._api_key()).expect(200)

    def _ship(self) -> str:
        self.clock.until(self._shipments, "the shipment")
        self._shipped = True
        return f"order {self._order_id}"

    def _shipments(self) -> list[dict[str, Any]]:
        return self._deployed.rows("shipmentsTable", orderId=self._order_id)

    def _post(self, order: dict[str, Any], key: str | None = None) -> Answer:
        return send(
            f"{self._deployed['apiUrl']}/orders",
            order,
            x_api_key=self._api_key() if key is None else key,
            idempotency_key=self._deployed.run,
        )

    def _order(self, quantity: int = 2) -> dict[str, Any]:
        return {
            "customerId": self._deployed.run,
            "currency": "EUR",
            "items": [{"sku": "book", "quantity": quantity, "unitPrice": 1250}],
            "shippingAddress": {
                "name": "Smoke Test",
                "street": "1 Main Street",
                "city": "Paris",
                "postalCode": "75001",
                "country": "FR",
            },
        }

    def _api_key(self) -> str:
        """Return the key of a client of this API, from its usage plan."""
        if not self._key:
            gateway, api = self._deployed.client("apigateway"), api_id(self._deployed["apiUrl"])
            plans = gateway.get_paginator("get_usage_plans").paginate()
            for plan in (each for page in plans for each in page["items"]):
                if api in [stage["apiId"] for stage in plan.get("apiStages", [])]:
                    (key, *_) = gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
                    self._key = gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"]
        if not self._key:
            raise Failed(f"API {api} has no usage plan with a key")
        return self._key

    def _remove_order(self) -> None:
        """Remove the order, its events and its shipment.

        The marks of the consumer's inbox stay: without them, a replay of the archive would ship the
        order.
        """
        for order_id in [self._order_id] if self._order_id else self._unconfirmed():
            self._deployed.delete_rows("ordersTable", None, orderId=order_id)
            self._deployed.delete_rows("outboxTable", "sequence", aggregateId=order_id)
            self._deployed.delete_rows("shipmentsTable", None, orderId=order_id)
            if not self._shipped:
                raise Failed(f"order {order_id} may still be shipped: look into shipmentsTable")

    def _unconfirmed(self) -> list[str]:
        """Return the ID of an order whose response did not arrive."""
        pages = (
            self._deployed.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self._deployed["ordersTable"],
                FilterExpression="customerId = :customer",
                ExpressionAttributeValues={":customer": {"S": self._deployed.run}},
            )
        )
        return [item["orderId"]["S"] for page in pages for item in page["Items"]]


def api_id(url: str) -> str:
    """Return the ID of an API: in the host name on AWS, in the path on the embedded cloud."""
    parts = urlsplit(url)
    if ".execute-api." in parts.netloc:
        return parts.netloc.split(".")[0]
    return parts.path.split("/")[-2]
