"""The schemas of a document in the form that API Gateway imports: JSON Schema draft 4.

Source: "Amazon API Gateway important notes" in its developer guide. API Gateway refuses the import
of a schema with other keywords ("Unsupported keyword(s)"). What is left out here only loosens the
check at the gateway: functions check what they need.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from typing import Any

_REMOVED = (
    "default",
    "deprecated",
    "discriminator",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "nullable",  # translated below
    "readOnly",
    "writeOnly",
    "xml",
)
_MAPS = ("properties", "patternProperties", "definitions")
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("items", "additionalProperties", "not")
_NOT_DESCENDED = ("example", "examples", "default", "enum")


def convert_schemas(spec: dict[str, Any]) -> None:
    """Change all schemas of a document, in place."""
    for schema in spec.get("components", {}).get("schemas", {}).values():
        _convert(schema)
    _convert_inline(spec)


def _convert_inline(value: Any) -> None:
    """Change the schemas of parameters, bodies, responses and headers."""
    if isinstance(value, list):
        for each in value:
            _convert_inline(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "schema":
                _convert(each)
            elif key not in _NOT_DESCENDED:
                _convert_inline(each)


def _convert(schema: Any) -> None:
    if not isinstance(schema, dict):
        return  # `additionalProperties: false`
    if schema.get("nullable") is True:
        _allow_null(schema)
    for keyword in [each for each in schema if each in _REMOVED or each.startswith("x-")]:
        del schema[keyword]
    for keyword in _MAPS:
        for each in schema.get(keyword, {}).values():
            _convert(each)
    for keyword in _LISTS:
        for each in schema.get(keyword, []):
            _convert(each)
    for keyword in _SINGLE:
        _convert(schema.get(keyword))


def _allow_null(schema: dict[str, Any]) -> None:
    """OpenAPI 3.0 has `nullable` where JSON Schema has the type `null`."""
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
