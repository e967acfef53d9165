"""The default in the description of an argument is the default that the component uses."""

import json

import pytest

import components
from components._blocks import arguments
from tests.projects import ROOT

SCHEMA = json.loads((ROOT / "tests" / "contract" / "schema.json").read_text())
COMPONENTS = components.components()


def _properties(kind: type) -> dict:
    resource = SCHEMA["resources"].get(f"colonnade:index:{kind.__name__.removesuffix('Args')}")
    if resource is not None:
        return resource["inputProperties"]
    return SCHEMA["types"][f"colonnade:index:{kind.__name__}"]["properties"]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


DEFAULTS = [
    pytest.param(kind, key, value, id=f"{kind.__name__}.{key}")
    for kind, rules in arguments._RULES.items()
    for key, value in rules.defaults.items()
    if isinstance(value, int | float | str) and kind.__module__.startswith("components.")
]


@pytest.mark.parametrize(("kind", "key", "value"), DEFAULTS)
def test_the_described_default_is_the_declared_one(kind: type, key: str, value: object):
    description = _properties(kind)[arguments._camel(key)]["description"]
    _, found, default = " ".join(description.split()).partition("Default: ")
    assert found and _text(value) in default, description


def test_defaults_of_every_component_are_compared():
    assert COMPONENTS and len(DEFAULTS) > 60
