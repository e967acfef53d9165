"""Checks of the functions' responses against the OpenAPI documents."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "apis"


@cache
def document(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def schema(name: str, spec: Any) -> Any:
    """Return a schema with all references resolved."""
    match spec:
        case {"$ref": str(reference)}:
            return schema(name, document(name)["components"]["schemas"][reference.split("/")[-1]])
        case dict():
            return {key: schema(name, value) for key, value in spec.items()}
        case list():
            return [schema(name, value) for value in spec]
    return spec


@cache
def check(name: str, schema_name: str) -> Any:
    """Return the compiled validator of a component schema."""
    return fastjsonschema.compile(
        schema(name, {"$ref": f"#/components/schemas/{schema_name}"}), use_default=False
    )


OF_EVERY_ANSWER = {
    "Content-Type",
    "Cache-Control",
    "Vary",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
}


def assert_documented(name: str, event: dict[str, Any], response: dict[str, Any]) -> None:
    """Assert that status, body and headers match the operation in the document."""
    operation = document(name)["paths"][event["resource"]][event["httpMethod"].lower()]
    promised = operation["responses"][str(response["statusCode"])]
    content = promised.get("content")
    if content is None:
        assert response["body"] == ""
        assert "Content-Type" not in response["headers"]
    else:
        if "text/html" in content:
            assert response["headers"]["Content-Type"] == "text/html; charset=utf-8"
            return
        reference = content["application/json"]["schema"]["$ref"]
        check(name, reference.split("/")[-1])(json.loads(response["body"]))
        assert response["headers"]["Content-Type"] == "application/json"
    headers = promised.get("headers", {})
    assert set(response["headers"]) <= set(headers) | OF_EVERY_ANSWER
    required = {each for each, spec in headers.items() if spec.get("required")}
    assert required <= set(response["headers"])
