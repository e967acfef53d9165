"""Bodies of another format than JSON are refused with the documented status."""

import json

import pytest
from api import Api, Response

from ..requests import request

API = Api({"POST /todos": lambda each: Response(201, each.body())}, frozenset())


def answer(content_type: str | None):
    event = request("POST /todos", body={"title": "tea"})
    for headers in (event["headers"], event["multiValueHeaders"]):
        for name in [each for each in headers if each.lower() == "content-type"]:
            del headers[name]
    if content_type is not None:
        event["headers"]["content-type"] = content_type
    return API(event)


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "Application/JSON; charset=utf-8"]
)
def test_json_is_read(content_type: str | None):
    assert answer(content_type)["statusCode"] == 201


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data"],
)
def test_other_formats_are_refused(content_type: str):
    refused = answer(content_type)
    assert refused["statusCode"] == 415
    assert json.loads(refused["body"]) == {
        "error": "UnsupportedMediaType",
        "field": "Content-Type",
        "message": "must be application/json",
    }
