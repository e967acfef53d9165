"""Imports an OpenAPI document with AWS's extensions as a REST API."""

from typing import Any

import yaml
import yamlcore
from ministack.services import apigateway_v1 as gateway

from .calls import Refused, made
from .operations import Document, Operations
from .schemas import Schemas

EXTENSION = "x-amazon-apigateway-"
VERBS = {"get", "post", "put", "delete", "patch", "head", "options"}
ANY = f"{EXTENSION}any-method"


class _Loader(yamlcore.CCoreLoader):  # type: ignore[misc]
    """Reads YAML 1.2, of which JSON is a part. Keys are text, as those of JSON: `200:`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def parsed(body: bytes) -> Document:
    """Returns the document of a request, JSON or YAML."""
    try:
        document = yaml.load(body, _Loader)
    except yaml.YAMLError as error:
        raise Refused(f"Invalid OpenAPI input: {error}") from None
    if not isinstance(document, dict) or not {"openapi", "swagger"} & set(document):
        raise Refused("Invalid OpenAPI input: neither `openapi` nor `swagger` is given")
    return document


def put(api: str, document: Document, overwrite: bool) -> None:
    """Replaces the content of an API with the document, or merges the document into it."""
    if overwrite:
        _clear(api)
    _describe(gateway._rest_apis[api], document)
    schemas = Schemas(api)
    schemas.add_all(document)
    operations = Operations(api, document, schemas, _add_validators(api, document))
    for path, item in (document.get("paths") or {}).items():
        resource = _resource(api, path)
        for verb, operation in item.items():
            if verb.lower() in VERBS or verb == ANY:
                name = "ANY" if verb == ANY else verb.upper()
                operations.add(resource, name, operation, item.get("parameters", []))
    for kind, response in (document.get(f"{EXTENSION}gateway-responses") or {}).items():
        made(gateway._put_gateway_response(api, kind, response))


def _clear(api: str) -> None:
    resources = gateway._resources[api]
    root = _root(api)
    gateway._resources[api] = {root: {**resources[root], "resourceMethods": {}}}
    for store in (
        gateway._authorizers_v1,
        gateway._models,
        gateway._request_validators,
        gateway._gateway_responses,
    ):
        store[api] = {}


def _root(api: str) -> str:
    resources = gateway._resources[api].items()
    return str(next(each for each, resource in resources if resource["path"] == "/"))


def _describe(api: dict[str, Any], document: Document) -> None:
    """Applies the settings of the whole API."""
    info = document.get("info") or {}
    for key, value in (
        ("name", info.get("title")),
        ("version", info.get("version")),
        ("description", info.get("description")),
        ("policy", document.get(f"{EXTENSION}policy")),
        ("binaryMediaTypes", document.get(f"{EXTENSION}binary-media-types")),
        ("minimumCompressionSize", document.get(f"{EXTENSION}minimum-compression-size")),
        ("apiKeySource", document.get(f"{EXTENSION}api-key-source")),
    ):
        if value is not None:
            api[key] = str(value) if key in ("name", "version") else value


def _add_validators(api: str, document: Document) -> dict[str, str]:
    """Returns the IDs of the document's request validators by name."""
    return {
        name: made(gateway._create_request_validator(api, {"name": name, **validator}))["id"]
        for name, validator in (document.get(f"{EXTENSION}request-validators") or {}).items()
    }


def _resource(api: str, path: str) -> str:
    """Returns the ID of the resource at `path`; creates it and its parents if missing."""
    resource = _root(api)
    for part in path.strip("/").split("/") if path != "/" else []:
        children = gateway._resources[api].items()
        found = (
            each
            for each, other in children
            if other["parentId"] == resource and other["pathPart"] == part
        )
        resource = (
            next(found, None)
            or made(gateway._create_resource(api, resource, {"pathPart": part}))["id"]
        )
    return resource
