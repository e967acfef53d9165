"""The functions reject every body that the schema in the API document rejects, naming the field."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api import Refusal, Request
from public_blog.photos import forms
from public_blog.subscriptions.app import read_subscription
from signed_content_distribution._shared.paid_links import LinkSettings
from signed_content_distribution._shared.paid_links.bodies import wanted_file, wanted_folder
from signed_content_distribution.registration.register import read_purchase
from todo_list.files.bodies import new_file
from todo_list.todos_write.bodies import change, new_todo

from ..documents import document, schema
from ..requests import request

Body = dict[str, Any]
LINKS = LinkSettings("https://d111.cloudfront.net", "key", "t", "a", 365, 1, 604_800, 600)


def _request(body: Body) -> Request:
    return Request(request("POST /links", body=body))


READERS: dict[tuple[str, str], Callable[[Body], object]] = {
    ("todo", "NewTodo"): new_todo,
    ("todo", "TodoChange"): lambda body: change(body, None if "version" in body else '"1-0"'),
    ("todo", "NewFile"): lambda body: new_file(body, 5 * 1024**3),
    ("blog", "NewPhoto"): lambda body: forms.read_content_type(_request(body)),
    ("blog", "NewSubscription"): read_subscription,
    ("videos", "NewLink"): lambda body: wanted_file(_request(body), LINKS, 1.8e9),
    ("videos", "NewPass"): lambda body: wanted_folder(_request(body), LINKS, 1.8e9),
    ("videos", "PurchaseEvent"): lambda body: read_purchase("event", body),
}


def _example(api: str, name: str) -> Body:
    for item in document(api)["paths"].values():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {})
            for each in content.values():
                if each["schema"]["$ref"].endswith(f"/{name}"):
                    return each["example"]
    raise LookupError(name)


def _wrong(spec: dict[str, Any]) -> Iterator[Any]:
    """Yield values that just violate a schema."""
    yield from (None, [], {})
    yield "1" if spec["type"] != "string" else 1
    if spec.get("minLength", 0):
        yield "a" * (spec["minLength"] - 1)
    if "maxLength" in spec:
        yield "a" * (spec["maxLength"] + 1)
    if "pattern" in spec or "enum" in spec:
        yield from ("", "not it")
    if "minimum" in spec:
        yield from (spec["minimum"] - 1, spec["minimum"] + 0.5)
    if "maximum" in spec:
        yield spec["maximum"] + 1


def _cases() -> Iterator[Any]:
    for api, name in READERS:
        spec = schema(api, {"$ref": f"#/components/schemas/{name}"})
        example = _example(api, name)
        assert spec["additionalProperties"] is False
        for field in spec["required"]:
            rest = {key: value for key, value in example.items() if key != field}
            yield pytest.param(api, name, rest, field, id=f"{name} without {field}")
        yield pytest.param(api, name, {**example, "extra": 1}, "extra", id=f"{name} with extra")
        for field, each in spec["properties"].items():
            for wrong in _wrong(each):
                shown = repr(wrong)[:12]
                body = {**example, field: wrong}
                yield pytest.param(api, name, body, field, id=f"{name} {field} {shown}")


@pytest.mark.parametrize(("api", "name", "body", "field"), [*_cases()])
def test_a_body_that_the_schema_rejects_is_rejected(api: str, name: str, body: Body, field: str):
    with pytest.raises(Refusal) as caught:
        READERS[api, name](body)
    assert (caught.value.status, caught.value.field) == (400, field)


@pytest.mark.parametrize(("api", "name"), [*READERS])
def test_the_example_is_accepted(api: str, name: str):
    READERS[api, name](_example(api, name))


def test_every_body_has_a_reader():
    """The body of an order is validated with its schema: see test_documents."""
    named = {
        (api, each["schema"]["$ref"].rpartition("/")[2])
        for api in ("todo", "blog", "orders", "videos")
        for item in document(api)["paths"].values()
        for operation in item.values()
        for each in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in each["schema"]
    }
    assert named - {("orders", "NewOrder")} == READERS.keys()
