"""Names of arguments and outputs in the schema match the tables of components/README.md."""

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
    """Return whether a name matches a pattern. A placeholder is one or more words."""
    return re.fullmatch(re.sub("<[a-z]+>", "[a-z0-9]+(_[a-z0-9]+)*", pattern), name) is not None


def _table(heading: str) -> list[dict[str, str]]:
    """Return the rows of the table below a heading, by column name."""
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


def row_of(name: str) -> Row | None:
    return next((row for row in [*SHARED, *PATTERNS] if row.fits(name)), None)


def test_the_tables_are_read():
    assert len(SHARED) > 30 and len(PATTERNS) > 10 and len(FORBIDDEN) > 15
    assert len(PROPERTIES) > 300


def test_every_name_that_components_share_is_in_a_table():
    owners: dict[str, set[str]] = {}
    for each in PROPERTIES:
        owners.setdefault(each.name, set()).add(each.owner)
    unknown = {name: found for name, found in owners.items() if len(found) > 1 and not row_of(name)}
    assert not unknown, "add them to components/README.md, or use the existing name"


def test_every_name_has_the_use_and_type_of_its_row():
    wrong = []
    for each in PROPERTIES:
        rows = [row for row in SHARED if row.fits(each.name)] or [
            row for row in PATTERNS if row.fits(each.name)
        ]
        if rows and not any(row.allows(each) for row in rows):
            wrong.append(f"{each}: {each.use}, {each.type}")
    assert not wrong


def test_every_row_matches_its_properties():
    for row in [*SHARED, *PATTERNS]:
        for name in row.names:
            assert any(_fits(name, each.name) for each in PROPERTIES), name
    for row in SHARED:
        found = [each for each in PROPERTIES if row.fits(each.name)]
        assert {each.use for each in found} == row.uses, row
        assert {each.type for each in found} == row.types, row


def test_a_unit_that_is_not_in_the_name_is_in_the_description():
    measured = [row for row in SHARED if row.unit]
    assert measured
    for row in measured:
        for each in PROPERTIES:
            if row.fits(each.name):
                assert row.unit.lower() in each.description.lower(), each


def test_names_with_units_limits_and_kinds_match_a_pattern():
    """`days_to_keep` would be a second form of `retention_days`."""
    for each in PROPERTIES:
        if WORDS_OF_PATTERNS & set(each.name.split("_")):
            assert row_of(each.name), each


def test_no_name_contains_a_word_not_to_use():
    exact = {name for row in SHARED for name in row.names}
    found = [
        f"{each}: {word}"
        for each in PROPERTIES
        for word in FORBIDDEN
        if each.name not in exact and f"_{word}_" in f"_{each.name}_"
    ]
    assert not found


METHODS = [name for row in _table("Methods") for name in _quoted(row["Name"])]


@pytest.mark.parametrize("component", components.components())
def test_names_of_public_methods_are_in_the_table(component: type):
    for name, member in vars(component).items():
        if callable(member) and not name.startswith("_"):
            found = any(_fits(each, name) for each in METHODS)
            assert found, f"{component.__name__}.{name}"
