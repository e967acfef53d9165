"""Responses of API Gateway itself have the form that the documents describe."""

import json
import re

import pytest
import yaml

from components.serverless_api.gateway_responses import gateway_responses
from tests.projects import ROOT

CORS = {"Access-Control-Allow-Origin": "'https://a.example'", "Vary": "'Origin'"}


@pytest.mark.parametrize("api", ["todo", "orders"])
def test_the_gateway_refuses_as_the_documents_say(api: str):
    schemas = yaml.safe_load((ROOT / f"apis/{api}.yaml").read_text())["components"]["schemas"]
    error = re.compile(schemas["Error"]["properties"]["error"]["pattern"])
    responses = gateway_responses(CORS)
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"} <= responses.keys()
    for name, response in responses.items():
        template = response["responseTemplates"]["application/json"]
        refusal = json.loads(template.replace("$context.error.messageString", '"text"'))
        assert list(refusal) == schemas["Error"]["required"]
        assert error.search(refusal["error"]) and refusal["message"], name
        assert "$" not in "".join(refusal.values())
        assert len(response["responseParameters"]) == len(CORS)
