"""The health check, which any API can use."""

import json

from serverless_api.health import app

from ..api import ORIGIN
from ..documents import assert_documented
from ..requests import request


def test_health_needs_no_user():
    event = request("GET /health", user=None)
    response = app.health()(event)
    assert_documented("todo", event, response)
    assert (response["statusCode"], json.loads(response["body"])) == (200, {"status": "ok"})


def test_handler_reads_its_environment(monkeypatch):
    monkeypatch.setenv("ALLOWED_ORIGINS", ORIGIN)
    app.health.cache_clear()
    try:
        response = app.handler(request("GET /health", headers={"Origin": ORIGIN}), None)
    finally:
        app.health.cache_clear()
    assert response["statusCode"] == 200
    assert response["headers"]["Access-Control-Allow-Origin"] == ORIGIN
