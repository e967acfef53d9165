"""The comment on a pull request with the changes of each stack."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.markdown import table

from .changes import ACTIONS, Change
from .document import Document

MARK = "<!-- colonnade preview -->"
"""First line of the comment, by which the next run finds and replaces it."""


@dataclass(frozen=True)
class Stack:
    """One stack before and after the change."""

    old: Document
    new: Document
    changes: Sequence[Change]


def comment(stacks: Sequence[Stack]) -> str:
    """Return the comment as Markdown."""
    risky = [(each.new.stack, change) for each in stacks for change in each.changes if change.risk]
    parts = [MARK, "## Preview", *_risks(risky)]
    for each in stacks:
        parts += _stack(each.new, each.changes)
    return "\n\n".join([*parts, *_costs(stacks)]) + "\n"


def _costs(stacks: Sequence[Stack]) -> list[str]:
    rows = []
    for each in stacks:
        was, is_ = each.old.idle_cost, each.new.idle_cost
        for key, unit in (("perHour", "idle hour"), ("perMonth", "month (flat fees)")):
            before = f"{was[key]:g}" if key in was else ""
            rows += [(each.new.stack, unit, before, f"{is_[key]:g}", "")] if key in is_ else []
        for item, price in is_.get("hourly", {}).items():
            rows.append((each.new.stack, "idle hour", "", f"{price:g}", item))
        for name in is_.get("unpriced", ()):
            rows.append((each.new.stack, "idle hour", "", "no known price", name))
    if not rows:
        return []
    newest = max(each.new.idle_cost.get("pricesOf", "") for each in stacks)
    return [
        f"### Costs in US dollars (list prices in us-east-1, {newest})",
        table(("Stack", "Per", "Before", "After", "For"), rows),
        *_million(stacks),
    ]


def _million(stacks: Sequence[Stack]) -> list[str]:
    prices: dict[str, float] = {}
    for each in stacks:
        prices |= each.new.idle_cost.get("perMillion", {})
    if not prices:
        return []
    parts = ", ".join(f"{item} {price:g}" for item, price in sorted(prices.items()))
    return [f"Per million: {parts}."]


def _risks(risky: Sequence[tuple[str, Change]]) -> list[str]:
    if not risky:
        return ["No resource that holds data is replaced, deleted or loses its protection."]
    rows = [
        (stack, each.resource.name, _kind(each), each.action, each.risk, _inputs(each))
        for stack, each in risky
    ]
    return [
        f"**Data at risk: {len(risky)}.** The check fails until the pull request has the label "
        "`data-loss-accepted`.",
        table(("Stack", "Resource", "Type", "Action", "Risk", "Changed inputs"), rows),
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
    details = table(("System", "Resource", "Type", "Action", "Changed inputs"), rows)
    return [
        title,
        table(("System", "Resources", *ACTIONS), summary),
        *warnings,
        f"<details><summary>All changes: {len(found)}</summary>\n\n{details}\n\n</details>",
    ]


def _counts(found: Iterable[Change], system: str) -> list[str]:
    own = [each.action for each in found if each.resource.system == system]
    return [str(own.count(action) or "") for action in ACTIONS]


def _kind(change: Change) -> str:
    """Return the short type: `dynamodb Table` of `aws:dynamodb/table:Table`."""
    parts = change.resource.type.split(":")
    return f"{parts[1].split('/')[0]} {parts[-1]}" if len(parts) == 3 else change.resource.type


def _inputs(change: Change) -> str:
    return ", ".join(f"`{each}`" for each in change.inputs)
