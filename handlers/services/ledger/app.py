"""Books sales, each once."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import environment
from api import Api, allowed_origins
from aws_clients import Clients
from postgres import Database
from service_client import ServiceClient

from .bookings import Bookings
from .news import News

_PRICES_SECONDS = 8.0
"""Time for a price, with the cold start of the function. Callers of the ledger wait longer."""


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase. `DATABASE_...` are read
    by the library `postgres`."""

    prices_url: str
    topic_arn: str
    """Topic of bookings."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Make or read a booking.

    Args:
        event: a proxy event of the service.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: not used.

    Returns:
        The proxy response of the operation in `apis/ledger.yaml`.
    """
    return ledger()(event)


@cache
def ledger() -> Api:
    """Return the service, created once for each process."""
    settings = environment.read(Settings)
    database = Database()
    prices = ServiceClient("prices", settings.prices_url, signed=True, timeout=_PRICES_SECONDS)
    news = News(database, settings.topic_arn, Clients().sns)
    news.start()
    return make(database, prices, news)


def make(database: Database, prices: ServiceClient, news: News) -> Api:
    """Return the API with these clients."""
    bookings = Bookings(database, prices, news)
    operations = {
        "POST /bookings": bookings.book,
        "GET /bookings/{bookingId}": bookings.get,
    }
    return Api(operations, allowed_origins())
