"""Gateway responses of API Gateway match the error schema of the OpenAPI documents."""

import json
import re

import pytest
import yaml

from components.serverless_api.gateway_responses import gateway_responses
from tests.projects import ROOT

CORS = {"Access-Control-Allow-Origin": "'https://a.example'", "Vary": "'Origin'"}


@pytest.mark.parametrize("api", ["todo", "orders"])
def test_gateway_responses_match_the_error_schema(api: str):
    schemas = yaml.safe_load((ROOT / f"apis/{api}.yaml").read_text())["components"]["schemas"]
    error = re.compile(schemas["Error"]["properties"]["error"]["pattern"])
    responses = gateway_responses(CORS)
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED"} <= responses.keys()
    for name, response in responses.items():
        template = response["responseTemplates"]["application/json"]
        answer = json.loads(template.replace("$context.error.messageString", '"text"'))
        assert list(answer) == schemas["Error"]["required"]
        assert error.search(answer["error"]) and answer["message"], name
        assert "$" not in "".join(answer.values())
        assert len(response["responseParameters"]) == len(CORS)
