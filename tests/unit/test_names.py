"""Names of arguments and outputs: what the tables of components/README.md say, over the schema."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import components
from tests.projects import ROOT

README = (ROOT / "components" / "README.md").read_text()
SCHEMA = json.loads((ROOT / "tests" / "contract" / "schema.json").read_text())


@dataclass(frozen=True)
class Property:
    owner: str
    name: str
    use: str
    """`argument` or `output`."""
    type: str
    description: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class Row:
    names: tuple[str, ...]
    uses: frozenset[str]
    types: frozenset[str]
    unit: str = ""

    def fits(self, name: str) -> bool:
        return any(_fits(each, name) for each in self.names)

    def allows(self, each: Property) -> bool:
        return each.use in self.uses and each.type in self.types


def _fits(pattern: str, name: str) -> bool:
    """Whether a name is `max_<noun>` or the like; a placeholder is one or more words."""
    return re.fullmatch(re.sub("<[a-z]+>", "[a-z0-9]+(_[a-z0-9]+)*", pattern), name) is not None


def _table(heading: str) -> list[dict[str, str]]:
    """The rows of the table below a heading, by the names of its columns."""
    section = README.split(f"### {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def _quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall("`(.+?)`", cell))


def _rows(heading: str) -> list[Row]:
    return [
        Row(
            _quoted(row["Name"]),
            frozenset(row["Used as"].split(" or ")),
            frozenset(row["Type"].replace("`", "").split(" or ")),
            row.get("Unit", ""),
        )
        for row in _table(heading)
    ]


def _type(spec: dict) -> str:
    if "$ref" in spec:
        return spec["$ref"].split(":")[-1]
    if spec["type"] == "array":
        return f"list of {_type(spec['items'])}"
    if spec["type"] == "object":
        return f"map of {_type(spec['additionalProperties'])}"
    return spec["type"]


def _properties() -> Iterator[Property]:
    for kind, fields in (
        ("resources", {"inputProperties": "argument", "properties": "output"}),
        ("types", {"properties": "argument"}),
    ):
        for token, owner in SCHEMA[kind].items():
            for field, use in fields.items():
                for key, spec in owner[field].items():
                    name = re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", key)
                    yield Property(
                        token.split(":")[-1], name, use, _type(spec), spec["description"]
                    )


SHARED, PATTERNS = _rows("Shared names"), _rows("Patterns")
PROPERTIES = list(_properties())
WORDS_OF_PATTERNS = {
    *("max", "min", "ms", "seconds", "minutes", "days", "bytes", "mib", "gb", "per"),
    *("arn", "arns", "id", "ids", "url", "urls", "allowed", "blocked"),
}
FORBIDDEN = [word for row in _table("Words not to use") for word in _quoted(row["Instead of"])]


def the_row_of(name: str) -> Row | None:
    return next((row for row in [*SHARED, *PATTERNS] if row.fits(name)), None)


def test_the_tables_are_read():
    assert len(SHARED) > 30 and len(PATTERNS) > 10 and len(FORBIDDEN) > 15
    assert len(PROPERTIES) > 300


def test_every_name_is_in_a_table_or_of_one_component_alone():
    owners: dict[str, set[str]] = {}
    for each in PROPERTIES:
        owners.setdefault(each.name, set()).add(each.owner)
    unknown = {
        name: found for name, found in owners.items() if len(found) > 1 and not the_row_of(name)
    }
    assert not unknown, "add them to components/README.md, or use the name that is there"


def test_every_name_has_the_use_and_type_of_its_row():
    wrong = []
    for each in PROPERTIES:
        rows = [row for row in SHARED if row.fits(each.name)] or [
            row for row in PATTERNS if row.fits(each.name)
        ]
        if rows and not any(row.allows(each) for row in rows):
            wrong.append(f"{each}: {each.use}, {each.type}")
    assert not wrong


def test_every_row_is_used_as_it_says():
    for row in [*SHARED, *PATTERNS]:
        for name in row.names:
            assert any(_fits(name, each.name) for each in PROPERTIES), name
    for row in SHARED:
        found = [each for each in PROPERTIES if row.fits(each.name)]
        assert {each.use for each in found} == row.uses, row
        assert {each.type for each in found} == row.types, row


def test_a_unit_outside_of_the_name_is_in_the_description():
    measured = [row for row in SHARED if row.unit]
    assert measured
    for row in measured:
        for each in PROPERTIES:
            if row.fits(each.name):
                assert row.unit.lower() in each.description.lower(), each


def test_units_limits_and_kinds_stand_where_the_patterns_have_them():
    """`days_to_keep` would be a second form of `retention_days`."""
    for each in PROPERTIES:
        if WORDS_OF_PATTERNS & set(each.name.split("_")):
            assert the_row_of(each.name), each


def test_words_not_to_use_are_not_used():
    exact = {name for row in SHARED for name in row.names}
    found = [
        f"{each}: {word}"
        for each in PROPERTIES
        for word in FORBIDDEN
        if each.name not in exact and f"_{word}_" in f"_{each.name}_"
    ]
    assert not found


@pytest.mark.parametrize("component", components.components())
def test_public_methods_of_components_grant(component: type):
    for name, member in vars(component).items():
        if callable(member) and not name.startswith("_"):
            assert name.startswith("grant_"), f"{component.__name__}.{name}"
