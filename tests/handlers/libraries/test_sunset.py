"""The Sunset header of a version that will be removed (RFC 8594)."""

import pytest
from api import Api, Response

from ..requests import request

SUNSET = "Wed, 30 Jun 2027 00:00:00 GMT"


@pytest.mark.parametrize("operation", ["GET /health", "GET /unknown"])
def test_every_response_has_the_date_of_removal(monkeypatch, operation):
    monkeypatch.setenv("SUNSET", SUNSET)
    api = Api({"GET /health": lambda request: Response(200)}, frozenset())
    assert api(request(operation))["headers"]["Sunset"] == SUNSET


def test_a_version_without_a_date_has_no_header(monkeypatch):
    monkeypatch.delenv("SUNSET", raising=False)
    api = Api({"GET /health": lambda request: Response(200)}, frozenset())
    assert "Sunset" not in api(request("GET /health"))["headers"]
