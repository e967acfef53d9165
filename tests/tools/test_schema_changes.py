"""The comparison of schemas, checked against a JSON Schema validator."""

import itertools
from typing import Any

import fastjsonschema
from hypothesis import given
from hypothesis import strategies as st

from tools.api_document import Document
from tools.schema_changes import Schemas


def _objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Closed objects. New properties of open objects are allowed by convention, not by logic."""
    properties = st.dictionaries(st.sampled_from("ab"), values, max_size=2)
    required = st.sets(st.sampled_from("ab"), min_size=1).map(sorted)
    return st.tuples(properties, required).map(
        lambda each: {
            "type": "object",
            "properties": {**{name: {} for name in each[1]}, **each[0]},
            "required": each[1],
            "additionalProperties": False,
        }
    )


LENGTHS = st.integers(0, 3)
SCHEMAS = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("string")},
            optional={"minLength": LENGTHS, "maxLength": LENGTHS, "pattern": st.just("^x")},
        ),
        st.fixed_dictionaries(
            {"type": st.sampled_from(["integer", "number"])},
            optional={"minimum": LENGTHS, "maximum": LENGTHS, "enum": st.just([1, 2])},
        ),
        st.fixed_dictionaries({"enum": st.lists(st.sampled_from([1, "x", None]), min_size=1)}),
        st.just({}),
    ),
    lambda inner: st.one_of(
        _objects(inner),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"maxItems": LENGTHS}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
    ),
    max_leaves=4,
)
VALUES = [None, True, 0, 1, 2, 2.5, 4, "", "x", "xx", "y", "xxxx"]
VALUES += [[], *([each] for each in VALUES), [1, "x"], [0, 1, 2], ["x"] * 4, [[1]]]
VALUES += [{}, *({"a": each} for each in VALUES), *({"a": each, "b": 1} for each in VALUES)]
EMPTY = Document("", {})


@given(st.lists(SCHEMAS, min_size=2, max_size=4))
def test_a_compatible_request_schema_accepts_all_values_of_the_old_one(schemas: list[Any]):
    accepted = [_accepted(each) for each in schemas]
    for (old, before), (new, after) in itertools.permutations(
        zip(schemas, accepted, strict=True), 2
    ):
        if not list(Schemas(EMPTY, EMPTY, requests=True).changes("", old, new)):
            assert before <= after


def _accepted(schema: Any) -> set[int]:
    """Return the indexes of the values that a schema accepts."""
    draft = "http://json-schema.org/draft-04/schema#"
    validate = fastjsonschema.compile({"$schema": draft, **schema})

    def accepts(value: Any) -> bool:
        try:
            validate(value)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return {index for index, value in enumerate(VALUES) if accepts(value)}
