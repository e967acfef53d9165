"""YAML 1.2 and JSON, and what is refused."""

import json

import pytest

from components._blocks.yaml import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2026-11-29", "2026-11-29"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("'true'", "true"),
        ("[NO, 1]", ["NO", 1]),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
    ],
)
def test_values_are_those_of_the_core_schema(text, value):
    read = read_yaml(f"key: {text}")["key"]
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize("key", ["200", "no", "12:30", "true", "null", "1.5", "'200'"])
def test_keys_are_text(key):
    assert read_yaml(f"{key}: 1") == {key.strip("'"): 1}


def test_merge_keys_add_what_is_missing():
    text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, y: 2, 200: 3}\nc: {z: 4, <<: [*b, *a]}\nd: {'<<': 5}"
    read = read_yaml(text)
    assert read["b"] == {"x": 1, "y": 2, "200": 3}
    assert read["c"] == {"x": 1, "y": 2, "200": 3, "z": 4}
    assert read["d"] == {"<<": 5} and read["a"] == {"x": 1, "y": 1}


def test_json_is_yaml():
    value = {"a": [1, 2.5, None, True, "Ünï\t\"'"], "b": {"c": {}}}
    assert read_yaml(json.dumps(value)) == value
    assert read_yaml(json.dumps(value, indent=2, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: found duplicate key `a`"),
        ("a:\n  - b: 1\n    b: 2", "line 3: found duplicate key `b`"),
        ('200: 1\n"200": 2', "line 2: found duplicate key `200`"),
        ("security: [{apiKey: []}]\nsecurity: []", "line 2: found duplicate key `security`"),
        ("a: 1\nc:\n  <<: 1", "line 3: `<<` needs a mapping or a list of mappings"),
        ("a: [b", "line 2: did not find expected"),
        ("a: !!python/object:os.system x", "line 1: could not determine a constructor"),
        ("a: 1\n---\nb: 2", "line 2: but found another document"),
        ("a: \x00", "is neither YAML nor JSON"),
    ],
)
def test_the_error_names_the_line(text, problem):
    with pytest.raises(ValueError, match="is neither YAML nor JSON") as caught:
        read_yaml(text)
    assert problem in str(caught.value)
