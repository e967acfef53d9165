"""The results in benchmarks/README.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.markdown import table

BEGIN = "<!-- results: written by `make bench` -->"
END = "<!-- end of results -->"


@dataclass(frozen=True)
class Target:
    """A target of a measure, and the result."""

    wanted: str
    found: str
    met: bool


@dataclass
class Result:
    """Table, targets and notes of one measure."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def render(results: Sequence[Result], setting: Sequence[str]) -> str:
    """Return the results as Markdown: setting, all targets, then the table of each measure."""
    lines = [f"- {line}" for line in setting]
    targets = [
        (result.title, target.wanted, target.found, "yes" if target.met else "**no**")
        for result in results
        for target in result.targets
    ]
    if targets:
        lines += ["", table(("Measure", "Target", "Result", "Met"), targets)]
    for result in results:
        lines += ["", f"### {result.title}", "", table(result.columns, result.rows)]
        if result.notes:
            lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines)


def replace(document: str, section: str) -> str:
    """Return the document with new results and everything else unchanged.

    Raises:
        ValueError: the document does not have each of the two markers once and in order.
    """
    before, _, after = _split(document)
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"


def section(document: str) -> str:
    """Return the results in a document.

    Raises:
        ValueError: see `replace`.
    """
    return _split(document)[1].strip("\n")


def _split(document: str) -> tuple[str, str, str]:
    before, begin, rest = document.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in before + after:
        raise ValueError(f"the document must have the lines {BEGIN} and {END} once each")
    return before, inside, after
