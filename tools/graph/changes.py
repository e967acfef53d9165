"""The changes from one graph to another."""

from dataclasses import dataclass

from .document import Document, Resource
from .stateful import guards_removed, loss, replacing

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


def changes(old: Document, new: Document) -> list[Change]:
    """Return all changes, those with a risk first. The order of the resources does not matter."""
    before = {each.urn: each for each in old.resources}
    found = []
    for each in new.resources:
        urn = next((urn for urn in (each.urn, *each.aliases) if urn in before), None)
        if urn is None:
            found += [Change(CREATED, each)]
        else:
            found += _difference(before.pop(urn), each)
    found += [Change(DELETED, each, risk=loss(each.type)) for each in before.values()]
    return sorted(
        (each for each in found if each.resource.custom),
        key=lambda each: (not each.risk, ACTIONS.index(each.action), each.resource.urn),
    )


def _difference(old: Resource, new: Resource) -> list[Change]:
    keys = old.inputs.keys() | new.inputs.keys()
    changed = {key for key in keys if old.inputs.get(key) != new.inputs.get(key)}
    replaces = replacing(new.type, changed)
    if replaces:
        inputs = tuple(sorted(replaces))
        return [Change(REPLACED, new, inputs, loss(new.type))]
    guards = guards_removed(new.type, old.inputs, new.inputs)
    guards += ["protect"] if old.protect and not new.protect else []
    risk = f"no longer protected by {', '.join(guards)}" if guards else ""
    if changed or guards:
        return [Change(UPDATED, new, tuple(sorted(changed | set(guards))), risk)]
    return [Change(RENAMED, new)] if old.urn != new.urn else []
