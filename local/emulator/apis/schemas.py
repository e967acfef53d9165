"""Imports the schemas of an OpenAPI document as models of an API."""

import hashlib
import json
import re
from typing import Any

from ministack.services import apigateway_v1 as gateway

from .calls import Refused, made

Document = dict[str, Any]
REFERENCE = re.compile(r"#/(?:components/schemas|definitions)/([^/]+)$")


class Schemas:
    """Creates models. A reference between schemas becomes one between models."""

    def __init__(self, api: str) -> None:
        self._api = api

    def add_all(self, document: Document) -> None:
        """Imports all named schemas of the document."""
        components = document.get("components") or {}
        for name, schema in (
            components.get("schemas") or document.get("definitions") or {}
        ).items():
            if not re.fullmatch("[A-Za-z0-9]+", name):
                raise Refused(f"Model name must be alphanumeric: {name}")
            self._add(name, schema)

    def model(self, schema: Document) -> str:
        """Returns the name of the model for the schema of a body."""
        named = REFERENCE.match(schema.get("$ref", ""))
        if named:
            return named[1]
        text = json.dumps(schema, sort_keys=True, default=str)
        name = f"MODEL{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        self._add(name, schema)
        return name

    def _add(self, name: str, schema: Document) -> None:
        text = json.dumps(self._with_references(schema), default=str)
        made(gateway._create_model(self._api, {"name": name, "schema": text}))

    def _with_references(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._with_references(each) for each in value]
        if not isinstance(value, dict):
            return value
        named = REFERENCE.match(value["$ref"]) if isinstance(value.get("$ref"), str) else None
        if named:
            return {
                "$ref": f"https://apigateway.amazonaws.com/restapis/{self._api}/models/{named[1]}"
            }
        return {key: self._with_references(each) for key, each in value.items()}
