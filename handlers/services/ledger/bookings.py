"""The bookings: written once for each idempotency key, with the price of that moment."""

import hashlib
import json
import logging
import re
import uuid
from typing import Any

from api import Members, Refusal, Request, Response, utc_text
from postgres import Database, DatabaseUnavailable, OutcomeUnknown, Run
from service_client import ServiceClient, ServiceUnavailable

from .news import News

logger = logging.getLogger(__name__)

_PRODUCT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MAX_QUANTITY = 1000
_COLUMNS = "booking_id, product_id, quantity, unit_cents, total_cents, booked_at, request_digest"


class Bookings:
    """The operations of the service."""

    def __init__(self, database: Database, prices: ServiceClient, news: News) -> None:
        self._database, self._prices, self._news = database, prices, news

    def book(self, request: Request) -> Response:
        """Book a sale. The same request can be sent again: there is one booking for each key."""
        key, body = request.idempotency_key(), request.body()
        members = Members(body, required=("productId", "quantity"))
        product_id = members.matching(
            "productId", 64, _PRODUCT, "1 to 64 lowercase letters, digits and '-'"
        )
        quantity = members.integer("quantity", 1, _MAX_QUANTITY)
        digest = hashlib.sha256(json.dumps([product_id, quantity]).encode()).hexdigest()
        # First, so that a repeated request needs no price, which may have changed.
        found = self._find("idempotency_key", key)
        if found is None:
            price = self._price(product_id, quantity)
            found, is_new = self._write(key, digest, price)
        else:
            is_new = False
        if found["request_digest"] != digest:
            raise Refusal(409, "Idempotency-Key", "was used for another booking")
        if is_new:
            self._news.tell()
        return Response(201 if is_new else 200, _body(found))

    def get(self, request: Request) -> Response:
        """Read a booking."""
        found = self._find("booking_id", request.uuid("bookingId"))
        if found is None:
            raise Refusal(404, "bookingId", "is not the ID of a booking")
        return Response(200, _body(found))

    def _price(self, product_id: str, quantity: int) -> dict[str, Any]:
        try:
            answer = self._prices.get("prices", product_id, query={"quantity": str(quantity)})
        except ServiceUnavailable as error:
            logger.warning("no price", extra={"error": str(error)})
            raise Refusal(503, "", "prices are not available; nothing was booked") from None
        if answer.status == 404:
            raise Refusal(400, "productId", "is not the ID of a product")
        if answer.status != 200:
            logger.error("no price", extra={"status": answer.status})
            raise Refusal(503, "", "prices are not available; nothing was booked")
        price: dict[str, Any] = answer.body
        return price

    def _find(self, column: str, value: str) -> dict[str, Any] | None:
        try:
            rows = self._database.run(
                f"SELECT {_COLUMNS} FROM bookings WHERE {column} = :value",
                value=value,
            )
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            raise _busy(error) from None
        return rows[0] if rows else None

    def _write(self, key: str, digest: str, price: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Write a booking and that it is untold, and return the booking of the key."""
        booking_id = str(uuid.uuid4())

        def work(run: Run) -> list[dict[str, Any]]:
            made = run(
                "INSERT INTO bookings (booking_id, idempotency_key, request_digest, product_id,"
                " quantity, unit_cents, total_cents)"
                " VALUES (:booking_id, :key, :digest, :product_id, :quantity, :unit, :total)"
                f" ON CONFLICT (idempotency_key) DO NOTHING RETURNING {_COLUMNS}",
                booking_id=booking_id,
                key=key,
                digest=digest,
                product_id=price["productId"],
                quantity=price["quantity"],
                unit=price["unitCents"],
                total=price["totalCents"],
            )
            if made:
                run("INSERT INTO untold_bookings VALUES (:booking_id)", booking_id=booking_id)
                return made
            # Another request with the key was faster, or this one was, before its answer was lost.
            return run(
                f"SELECT {_COLUMNS} FROM bookings WHERE idempotency_key = :key",
                key=key,
            )

        try:
            (found,) = self._database.transaction(work, idempotent=True)
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            raise _busy(error) from None
        return found, str(found["booking_id"]) == booking_id


def _busy(error: Exception) -> Refusal:
    logger.warning("the database is not available", extra={"error": type(error).__name__})
    return Refusal(503, "", "send the same request again, with the same Idempotency-Key")


def _body(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "bookingId": str(row["booking_id"]),
        "productId": row["product_id"],
        "quantity": row["quantity"],
        "unitCents": row["unit_cents"],
        "totalCents": row["total_cents"],
        "bookedAt": utc_text(row["booked_at"]),
    }
