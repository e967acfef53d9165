"""The comment on a pull request: what it changes in each stack."""

from collections.abc import Iterable, Sequence

from .changes import ACTIONS, Change
from .document import Document

MARK = "<!-- colonnade preview -->"
"""First line of the comment: by it the next run finds and replaces it."""


def comment(stacks: Sequence[tuple[Document, Sequence[Change]]], further: Sequence[str]) -> str:
    """The comment as Markdown.

    Args:
        stacks: each stack's graph as it will be, and its changes.
        further: paragraphs that follow, such as the costs.
    """
    risky = [(new.stack, each) for new, found in stacks for each in found if each.risk]
    parts = [MARK, "## Preview", *_risks(risky)]
    for new, found in stacks:
        parts += _stack(new, found)
    return "\n\n".join([*parts, *further]) + "\n"


def _risks(risky: Sequence[tuple[str, Change]]) -> list[str]:
    if not risky:
        return ["Nothing that holds data is replaced, deleted or left unguarded."]
    rows = [
        (stack, each.resource.name, _kind(each), each.action, each.risk, _inputs(each))
        for stack, each in risky
    ]
    return [
        f"**Data at risk: {len(risky)}.** The check fails until the pull request has the label "
        "`data-loss-accepted`.",
        _table(("Stack", "Resource", "Type", "Action", "Risk", "Because of"), rows),
    ]


def _stack(new: Document, found: Sequence[Change]) -> list[str]:
    title = f"### {new.stack}: {len([each for each in new.resources if each.custom])} resources"
    warnings = [f"- {message}" for message in new.messages]
    if not found:
        return [title, "No changes.", *warnings]
    counts = new.systems()
    systems = sorted(counts.keys() | {each.resource.system for each in found})
    summary = [(system, str(counts.get(system, 0)), *_counts(found, system)) for system in systems]
    rows = [
        (each.resource.system, each.resource.name, _kind(each), each.action, _inputs(each))
        for each in found
    ]
    details = _table(("System", "Resource", "Type", "Action", "Inputs"), rows)
    return [
        title,
        _table(("System", "Resources", *ACTIONS), summary),
        *warnings,
        f"<details><summary>Each of {len(found)} changes</summary>\n\n{details}\n\n</details>",
    ]


def _counts(found: Iterable[Change], system: str) -> list[str]:
    own = [each.action for each in found if each.resource.system == system]
    return [str(own.count(action) or "") for action in ACTIONS]


def _kind(change: Change) -> str:
    """`aws:dynamodb/table:Table` as `dynamodb Table`."""
    parts = change.resource.type.split(":")
    return f"{parts[1].split('/')[0]} {parts[-1]}" if len(parts) == 3 else change.resource.type


def _inputs(change: Change) -> str:
    return ", ".join(f"`{each}`" for each in change.inputs)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
