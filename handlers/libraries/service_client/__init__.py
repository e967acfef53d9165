"""Calls another service over HTTP: short timeouts, few retries, and none while it is down.

    from service_client import ServiceClient, ServiceUnavailable

    catalogue = ServiceClient("catalogue", os.environ["CATALOGUE_URL"])  # once, at import

    def product(product_id: str) -> dict | None:
        answer = catalogue.get("products", product_id)
        return answer.body if answer.status == 200 else None

With `signed=True`, requests are signed with the role of the caller, for an operation of
`ServerlessApi` that requires it.
"""

from .breaker import Breaker
from .client import Answer, ServiceClient, ServiceUnavailable

__all__ = ["Answer", "Breaker", "ServiceClient", "ServiceUnavailable"]
