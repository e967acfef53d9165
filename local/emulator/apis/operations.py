"""Imports one operation of an OpenAPI document as a method of an API."""

import re
from typing import Any

from ministack.services import apigateway_v1 as gateway

from .calls import Refused, made
from .schemas import Schemas

Document = dict[str, Any]
INTEGRATION = "x-amazon-apigateway-integration"
HEADER = "method.response.header."
PLACES = {"path": "path", "query": "querystring", "header": "header"}


class Operations:
    """Adds operations of a document to an API."""

    def __init__(
        self, api: str, document: Document, schemas: Schemas, validators: dict[str, str]
    ) -> None:
        self._api = api
        self._document = document
        self._schemas = schemas
        self._validators = validators
        self._schemes = gateway._import_security_schemes(api, document)

    def add(self, resource: str, verb: str, operation: Document, shared: list[Document]) -> None:
        """`shared` are the parameters of the whole path."""
        parameters = [self._resolved(each) for each in (*shared, *operation.get("parameters", []))]
        security = operation.get("security", self._document.get("security"))
        method = gateway._method_security(security, self._schemes)
        method["operationName"] = operation.get("operationId", "")
        method["requestParameters"] = {
            f"method.request.{PLACES[each['in']]}.{each['name']}": bool(each.get("required"))
            for each in parameters
            if each["in"] in PLACES
        }
        method["requestModels"] = self._models(operation, parameters)
        method["requestValidatorId"] = self._validator(operation)
        made(gateway._put_method(self._api, resource, verb, method))
        declared = self._add_responses(resource, verb, operation)
        if operation.get(INTEGRATION):
            self._add_integration(resource, verb, operation[INTEGRATION], declared)

    def _resolved(self, value: Document) -> Document:
        """Returns `value`, or the part of the document that it references."""
        while "$ref" in value:
            found: Any = self._document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found.get(part) if isinstance(found, dict) else None
            if not isinstance(found, dict):
                raise Refused(f"Invalid reference: {value['$ref']}")
            value = found
        return value

    def _models(self, operation: Document, parameters: list[Document]) -> dict[str, str]:
        """Returns the models of the request body by content type."""
        for each in parameters:
            if each["in"] == "body":  # OpenAPI 2
                return {"application/json": self._schemas.model(each["schema"])}
        content = self._resolved(operation.get("requestBody") or {}).get("content") or {}
        return {
            kind: self._schemas.model(each["schema"])
            for kind, each in content.items()
            if each.get("schema")
        }

    def _validator(self, operation: Document) -> str | None:
        key = "x-amazon-apigateway-request-validator"
        name = operation.get(key, self._document.get(key))
        if name is not None and name not in self._validators:
            raise Refused(f"Invalid request validator specified: {name}")
        return self._validators[name] if name is not None else None

    def _add_responses(self, resource: str, verb: str, operation: Document) -> dict[str, set[str]]:
        """Returns the headers that each status declares."""
        declared = {}
        for status, response in (operation.get("responses") or {}).items():
            if not re.fullmatch("[1-5][0-9][0-9]", str(status)):
                continue
            headers = {f"{HEADER}{name}" for name in self._resolved(response).get("headers") or {}}
            wanted = {"responseParameters": dict.fromkeys(headers, False)}
            made(gateway._put_method_response(self._api, resource, verb, str(status), wanted))
            declared[str(status)] = headers
        return declared

    def _add_integration(
        self, resource: str, verb: str, given: Document, declared: dict[str, set[str]]
    ) -> None:
        integration = {key: value for key, value in given.items() if key != "responses"}
        for key in ("type", "passthroughBehavior", "contentHandling"):
            if integration.get(key):
                integration[key] = integration[key].upper()
        made(gateway._put_integration(self._api, resource, verb, integration))
        for pattern, response in (given.get("responses") or {}).items():
            status = str(response["statusCode"])
            self._check(resource, verb, status, response, declared)
            wanted = {**response, "selectionPattern": "" if pattern == "default" else pattern}
            made(gateway._put_integration_response(self._api, resource, verb, status, wanted))

    def _check(
        self,
        resource: str,
        verb: str,
        status: str,
        response: Document,
        declared: dict[str, set[str]],
    ) -> None:
        """Fails if an integration response sets headers that the method does not declare."""
        path = gateway._resources[self._api][resource]["path"]
        where = f"Unable to put integration response on '{verb}' for resource at path '{path}'"
        if status not in declared:
            raise Refused(f"{where}: Invalid Response status code specified")
        for name in response.get("responseParameters") or {}:
            if name.startswith(HEADER) and name not in declared[status]:
                raise Refused(f"{where}: Invalid mapping expression parameter specified: {name}")
