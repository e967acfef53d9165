"""The comment on a pull request with the changes of each stack."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tools.markdown import table

from .acceptance import LABEL
from .changes import ACTIONS, Change
from .comparison import Comparison, Risk, Stack

MARK = "<!-- colonnade preview -->"
"""First line of the comment, by which the next run finds and replaces it."""
_MAX_VALUES = 5  # of a resource
_MAX_FAILURE = 2000  # characters of an error


def comment(made: Comparison, commit: str = "", run: str = "") -> str:
    """Return the comment as Markdown.

    Args:
        made: what is compared.
        commit: commit after the change; empty if unknown.
        run: address of the log of the run; empty if there is none.
    """
    parts = [MARK, "## Preview", _verdict(made), *_origin(commit, run), *_failures(made)]
    parts += [*_risks(made), *_broken(made)]
    for each in made.stacks:
        parts += _stack(each)
    return "\n\n".join([*parts, *_costs(made.stacks)]) + "\n"


def _verdict(made: Comparison) -> str:
    if made.reasons:
        return f"**The check fails: {'; '.join(made.reasons)}.**"
    risks = f"data at risk: {len(made.risks)}, accepted" if made.risks else "no data is at risk"
    return f"**The check passes: {risks}; all rules are followed.**"


def _origin(commit: str, run: str) -> list[str]:
    parts = [f"Commit {_code(commit)}"] if commit else []
    parts += [f"[log of the run]({run})"] if run else []
    return [", ".join(parts)] if parts else []


def _failures(made: Comparison) -> list[str]:
    return [
        f"### {title}\n\n```text\n{_plain(problem)}\n```"
        for stack in made.stacks
        for graph, title in (
            (stack.new, f"The program of {stack.name} does not run"),
            (stack.old, f"The program of {stack.name} before the change does not run"),
        )
        for problem in (graph.failures if graph else ())
    ]


def _plain(text: str) -> str:
    return text.replace("```", "")[:_MAX_FAILURE]


def _risks(made: Comparison) -> list[str]:
    if not made.risks:
        return []
    rows = [(*_risk(each), _acceptance(each, made)) for each in made.risks]
    titles = ("Stack", "Resource", "Type", "Action", "Risk", "Changed values", "Accepted")
    hint = (
        f"A loss is accepted by the label `{LABEL.strip()} NAME` on the pull request, or by "
        "`--accept-loss NAME`."
    )
    return [f"### Data at risk: {len(made.risks)}", table(titles, rows), hint]


def _risk(risk: Risk) -> tuple[str, ...]:
    if risk.change is None:
        return (risk.stack, "", "", "", risk.what, "")
    change = risk.change
    return (
        risk.stack,
        change.resource.name,
        _kind(change),
        change.action,
        risk.what,
        _values(change),
    )


def _acceptance(risk: Risk, made: Comparison) -> str:
    return "yes" if risk.accepted_by in made.accepted else f"no: {_code(risk.accepted_by)}"


def _broken(made: Comparison) -> list[str]:
    rows = [
        f"- {each.name}: {problem}"
        for each in made.stacks
        for problem in (each.new.broken if each.new else ())
    ]
    return [f"### Broken rules: {len(rows)}", "\n".join(rows)] if rows else []


def _costs(stacks: Sequence[Stack]) -> list[str]:
    rows: list[tuple[str, ...]] = []
    same = []
    for each in stacks:
        if each.new and each.new.idle_cost:
            was, is_ = (each.old.idle_cost if each.old else {}), each.new.idle_cost
            changed = list(_changed_costs(each.name, was, is_))
            rows += changed
            same += [] if changed else [_cost(each.name, is_)]
    parts = []
    if rows:
        newest = max(each.new.idle_cost.get("pricesOf", "") for each in stacks if each.new)
        parts += [
            f"### Costs in US dollars (list prices in us-east-1, {newest})",
            table(("Stack", "Per", "Before", "After", "For"), rows),
        ]
    return [*parts, *([f"Unchanged costs: {'; '.join(same)}."] if same else [])]


def _cost(stack: str, cost: dict[str, Any]) -> str:
    hour, month = cost.get("perHour", 0), cost.get("perMonth", 0)
    return f"{stack} ${hour:g} per idle hour and ${month:g} per month"


def _changed_costs(
    stack: str, was: dict[str, Any], is_: dict[str, Any]
) -> Iterable[tuple[str, ...]]:
    for key, unit in (("perHour", "idle hour"), ("perMonth", "month (flat fees)")):
        if was.get(key) != is_.get(key):
            yield stack, unit, _amount(was.get(key)), _amount(is_.get(key)), ""
    for key, unit in (("hourly", "idle hour"), ("perMillion", "million")):
        before, after = was.get(key, {}), is_.get(key, {})
        for item in sorted(before.keys() | after.keys()):
            if before.get(item) != after.get(item):
                yield stack, unit, _amount(before.get(item)), _amount(after.get(item)), item
    for name in sorted(set(is_.get("unpriced", ())) - set(was.get("unpriced", ()))):
        yield stack, "idle hour", "", "no known price", name


def _amount(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _stack(stack: Stack) -> list[str]:
    if stack.new is None:
        return [f"### {stack.name}: the stack's file is gone"]
    if stack.new.failures:
        return []
    new, found = stack.new, stack.changes
    title = f"### {new.stack}: {len([each for each in new.resources if each.custom])} resources"
    warnings = [f"- {message}" for message in new.messages]
    if stack.old and stack.old.failures:
        return [title, "Nothing to compare with.", *warnings]
    if not found:
        return [title, "No changes.", *warnings]
    counts = new.systems()
    systems = sorted(counts.keys() | {each.resource.system for each in found})
    summary = [(system, str(counts.get(system, 0)), *_counts(found, system)) for system in systems]
    rows = [
        (each.resource.system, each.resource.name, _kind(each), each.action, _values(each))
        for each in found
    ]
    details = table(("System", "Resource", "Type", "Action", "Changed values"), rows)
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


def _values(change: Change) -> str:
    """Return the changed values, or the inputs if only an option of Pulumi changed."""
    shown = [
        f"{_code(path)}: {_code(old) or 'nothing'} → {_code(new) or 'nothing'}"
        for path, old, new in change.values[:_MAX_VALUES]
    ]
    more = len(change.values) - len(shown)
    if not change.values:
        return ", ".join(map(_code, change.inputs))
    return "<br>".join([*shown, *([f"and {more} more"] if more else [])])


def _code(text: str) -> str:
    """Return a text as code; it cannot end the code by itself."""
    return f"`{re.sub('[`<>]', '', text)}`" if text else ""
