"""The results section of benchmarks/README.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field

BEGIN = "<!-- results: written by `make bench` -->"
END = "<!-- end of results -->"


@dataclass(frozen=True)
class Target:
    """What a measure should come to, and what it came to."""

    wanted: str
    found: str
    met: bool


@dataclass
class Result:
    """One measure's table, targets and remarks."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def render(results: Sequence[Result], setting: Sequence[str]) -> str:
    """The section as Markdown: setting, targets of all measures, then each measure's table."""
    lines = [f"- {line}" for line in setting]
    targets = [
        (result.title, target.wanted, target.found, "yes" if target.met else "**no**")
        for result in results
        for target in result.targets
    ]
    if targets:
        lines += ["", *_table(("Measure", "Target", "Found", "Met"), targets)]
    for result in results:
        lines += ["", f"### {result.title}", "", *_table(result.columns, result.rows)]
        if result.notes:
            lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines)


def replace(document: str, section: str) -> str:
    """The document with another results section; the rest stays as it is.

    Raises:
        ValueError: the document does not have both markers, once each and in their order.
    """
    before, _, after = _split(document)
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"


def section(document: str) -> str:
    """The results section of a document.

    Raises:
        ValueError: see `replace`.
    """
    return _split(document)[1].strip("\n")


def _split(document: str) -> tuple[str, str, str]:
    before, begin, rest = document.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in before + after:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}, once each")
    return before, inside, after


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]
