"""Arguments: defaults, immutability, and the error for each invalid value."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pytest

from components._blocks.arguments import (
    ArgumentsError,
    Between,
    Matches,
    OneOf,
    Problems,
    declare,
    resolve,
)
from tests.conftest import Build


class InnerArgs(TypedDict):
    size_mib: int
    """A size."""
    kind: NotRequired[str]
    """A kind."""


class OuterArgs(TypedDict):
    name: pulumi.Input[str]
    """May be an Output."""
    sizes: NotRequired[Sequence[int]]
    """A list."""
    enabled: NotRequired[bool]
    """A flag."""
    inner: NotRequired[InnerArgs]
    """A structure."""
    parts: NotRequired[Mapping[str, InnerArgs]]
    """A map of structures."""
    addresses: NotRequired[Sequence[pulumi.Input[str]]]
    """A list whose items may be Outputs."""
    topic_arn: NotRequired[pulumi.Input[str] | None]
    """May be None."""
    ratio: NotRequired[float]
    """A number."""
    condition: NotRequired[dict[str, Any]]
    """Anything."""


def _check_inner(problems: Problems, path: str, args: InnerArgs) -> None:
    problems.unless(args["size_mib"] != 13, f"{path}.size_mib", "is 13; use 14 with `kind_of_it`")


declare(
    InnerArgs,
    defaults={"kind": "small"},
    limits={"size_mib": Between(1, 100, "MiB"), "kind": OneOf(("small", "large"))},
    check=_check_inner,
)
declare(
    OuterArgs,
    defaults={"sizes": [1, 2], "enabled": True},
    limits={"sizes": Between(1, 8), "addresses": Matches("https://.+", "an https:// URL")},
)


def resolved(args: Any) -> OuterArgs:
    return resolve("Outer", "x", OuterArgs, args)


def problems(args: Any) -> dict[str, str]:
    with pytest.raises(ArgumentsError) as caught:
        resolved(args)
    return {each["property_path"]: each["reason"] for each in caught.value.errors or ()}


def test_defaults_are_filled_in_at_every_depth():
    given = {"name": "a", "inner": {"size_mib": 3}, "parts": {"p": {"size_mib": 4.0}}}
    result = resolved(given)
    assert (result["sizes"], result["enabled"], "ratio" in result) == ([1, 2], True, False)
    assert result["inner"] == {"size_mib": 3, "kind": "small"}
    assert result["parts"]["p"]["kind"] == "small"
    assert type(result["parts"]["p"]["size_mib"]) is int
    assert given["inner"] == {"size_mib": 3}


def test_resolved_arguments_are_immutable():
    given = {"name": "a", "sizes": [3]}
    result = resolved(given)
    given["sizes"].append(4)
    assert result["sizes"] == [3]
    with pytest.raises(TypeError):
        result["name"] = "b"  # type: ignore[index]


def test_none_means_that_an_argument_is_not_set():
    assert resolved({"name": "a", "sizes": None, "topic_arn": None})["sizes"] == [1, 2]
    assert problems({"name": None}) == {"name": "is missing; it is required"}


def test_outputs_are_accepted_where_they_can_work(build: Build):
    seen = []

    def program() -> None:
        output = pulumi.Output.from_input("https://a.test")
        result = resolved(
            {"name": output, "addresses": [output, "https://b.test"], "topic_arn": output}
        )
        seen.append(result["name"] is output and result["addresses"][0] is output)

    build(program)
    assert seen == [True]


@pytest.mark.parametrize(
    ("args", "path", "reason"),
    [
        ({}, "name", "is missing; it is required"),
        ({"name": 5}, "name", "is 5; it must be a string"),
        ({"sizes": "12"}, "sizes", "is '12'; it must be a list"),
        ({"sizes": [1, 9]}, "sizes[1]", "is 9; it must be from 1 to 8"),
        ({"sizes": [1.5]}, "sizes[0]", "is 1.5; it must be a whole number"),
        ({"sizes": [True]}, "sizes[0]", "is True; it must be a whole number"),
        ({"enabled": "no"}, "enabled", "is 'no'; it must be true or false"),
        ({"enabled": 1}, "enabled", "is 1; it must be true or false"),
        ({"ratio": "1"}, "ratio", "is '1'; it must be a number"),
        ({"inner": []}, "inner", "is []; it must be a map of arguments"),
        ({"inner": {}}, "inner.sizeMib", "is missing; it is required"),
        ({"inner": {"size_mib": 0}}, "inner.sizeMib", "is 0; it must be from 1 to 100 MiB"),
        ({"inner": {"size_mib": 13}}, "inner.sizeMib", "is 13; use 14 with `kindOfIt`"),
        (
            {"inner": {"size_mib": 1, "kind": "tiny"}},
            "inner.kind",
            "is 'tiny'; it must be one of 'small', 'large'",
        ),
        (
            {"parts": {"my_part": {"size_mib": 1, "sise_mib": 1}}},
            'parts["my_part"].siseMib',
            "is not an argument; did you mean `sizeMib`?",
        ),
        ({"parts": [1]}, "parts", "is [1]; it must be a map"),
        ({"condition": "x"}, "condition", "is 'x'; it must be a map"),
        ({"addresses": ["ftp://a"]}, "addresses[0]", "is 'ftp://a'; it must be an https:// URL"),
        ({"topic_arn": 1}, "topicArn", "is 1; it must be a string"),
    ],
)
def test_each_invalid_value_is_refused_with_its_path(args: dict, path: str, reason: str):
    assert problems({"name": "a", **args} if path != "name" else args)[path] == reason


@pytest.mark.parametrize("key", ["sizes", "enabled", "inner", "parts"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, key: str):
    found: dict[str, str] = {}
    build(lambda: found.update(problems({"name": "a", key: pulumi.Output.from_input(1)})))
    assert found[key].startswith("is an Output; it must be ")
    assert found[key].endswith(" that is known at preview")


def test_the_error_for_an_unknown_argument_lists_the_known_ones():
    found = problems({"name": "a", "inner": {"size_mib": 1, "zzz": 1}})["inner.zzz"]
    assert found == "is not an argument; known are `kind`, `sizeMib`"


def test_one_value_error_lists_all_problems():
    with pytest.raises(ValueError, match="Outer 'x' has invalid arguments:") as caught:
        resolved({"name": 1, "enabeld": True, "sizes": [0]})
    assert str(caught.value).splitlines()[1:] == [
        "  enabeld: is not an argument; did you mean `enabled`?",
        "  name: is 1; it must be a string",
        "  sizes[0]: is 0; it must be from 1 to 8",
    ]
    assert isinstance(caught.value, pulumi.RunError)


def test_a_long_value_is_shortened():
    assert len(problems({"name": ["x" * 10_000]})["name"]) < 200


def test_arguments_that_require_each_other_must_both_be_set():
    found = Problems("Outer", "x")
    found.together({"a": 1}, "outer", "a", "b")
    with pytest.raises(ArgumentsError, match=r"outer\.b: is missing; it is required with `a`"):
        found.report()


def test_a_declaration_of_an_unknown_argument_fails():
    with pytest.raises(AssertionError, match="OuterArgs has no"):
        declare(OuterArgs, defaults={"nmae": "x"})
