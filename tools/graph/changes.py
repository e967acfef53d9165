"""The changes from one graph to another."""

from collections.abc import Mapping
from dataclasses import dataclass

from .differences import Difference, differences
from .document import Document, Resource
from .expiry import started, started_by_creation
from .stateful import guards_removed, is_safeguard, loss, replacing

CREATED, UPDATED, REPLACED, DELETED, RENAMED = (
    "created",
    "updated",
    "replaced",
    "deleted",
    "renamed",
)
ACTIONS = (REPLACED, DELETED, UPDATED, CREATED, RENAMED)
"""All actions, the most important first."""


@dataclass(frozen=True)
class Change:
    """The change of one resource."""

    action: str
    resource: Resource
    inputs: tuple[str, ...] = ()
    """The inputs that changed; of a replaced resource only those that cause the replacement."""
    risk: str = ""
    """The data that may be lost; empty if there is no risk."""
    values: tuple[Difference, ...] = ()
    """The values of these inputs before and after."""


def changes(old: Document, new: Document) -> list[Change]:
    """Return all changes, those with a risk first. The order of the resources does not matter."""
    before = {each.urn: each for each in old.resources}
    was: dict[str, Resource] = {}
    for each in new.resources:
        urn = next((urn for urn in (each.urn, *each.aliases) if urn in before), None)
        if urn is not None:
            was[each.urn] = before.pop(urn)
    found = []
    for each in new.resources:
        if each.urn in was:
            found += _difference(was[each.urn], each)
        else:
            found.append(_creation(each, was))
    found += [_deletion(each, before) for each in before.values()]
    return sorted(
        (each for each in found if each.resource.custom),
        key=lambda each: (not each.risk, ACTIONS.index(each.action), each.resource.urn),
    )


def _creation(new: Resource, was: Mapping[str, Resource]) -> Change:
    """A new resource may delete data in one that is there already: a lifecycle configuration."""
    existing = any(urn in was for urn in new.dependencies)
    risk = "; ".join(started_by_creation(new.type, new.inputs)) if existing else ""
    return Change(CREATED, new, risk=risk)


def _deletion(old: Resource, deleted: Mapping[str, Resource]) -> Change:
    """What keeps data of another resource is no loss if both go: the other one is listed."""
    needless = is_safeguard(old.type) and any(
        loss(deleted[urn].type) for urn in old.dependencies if urn in deleted
    )
    return Change(DELETED, old, risk="" if old.retained or needless else loss(old.type))


def _difference(old: Resource, new: Resource) -> list[Change]:
    keys = old.inputs.keys() | new.inputs.keys()
    changed = {key for key in keys if old.inputs.get(key) != new.inputs.get(key)}
    replaces = replacing(new.type, changed)
    if replaces:
        inputs = tuple(sorted(replaces))
        risk = "" if old.retained else loss(new.type)
        return [Change(REPLACED, new, inputs, risk, _values(old, new, inputs))]
    guards = guards_removed(new.type, old.inputs, new.inputs)
    guards += ["protect"] if old.protect and not new.protect else []
    risks = [f"no longer protected by {', '.join(guards)}"] if guards else []
    risks += started(new.type, old.inputs, new.inputs)
    if changed or guards:
        inputs = tuple(sorted(changed | {each.split(".")[0] for each in guards}))
        return [Change(UPDATED, new, inputs, "; ".join(risks), _values(old, new, inputs))]
    return [Change(RENAMED, new)] if old.urn != new.urn else []


def _values(old: Resource, new: Resource, inputs: tuple[str, ...]) -> tuple[Difference, ...]:
    before, after = ({key: each.inputs.get(key) for key in inputs} for each in (old, new))
    return tuple(differences(before, after))
