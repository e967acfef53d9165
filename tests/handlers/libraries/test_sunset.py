"""Answers of a version that goes away say when (RFC 8594)."""

import pytest
from api import Api, Response

from ..requests import request

SUNSET = "Wed, 30 Jun 2027 00:00:00 GMT"


@pytest.mark.parametrize("operation", ["GET /health", "GET /unknown"])
def test_every_answer_says_when_the_version_goes_away(monkeypatch, operation):
    monkeypatch.setenv("SUNSET", SUNSET)
    api = Api({"GET /health": lambda request: Response(200)}, frozenset())
    assert api(request(operation))["headers"]["Sunset"] == SUNSET


def test_a_version_that_stays_says_nothing(monkeypatch):
    monkeypatch.delenv("SUNSET", raising=False)
    api = Api({"GET /health": lambda request: Response(200)}, frozenset())
    assert "Sunset" not in api(request("GET /health"))["headers"]
