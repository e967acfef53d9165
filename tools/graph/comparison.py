"""The comparison of two sets of graphs: whether the change may be merged, and why not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .acceptance import name_of
from .changes import Change, changes
from .document import Document
from .stateful import loss


@dataclass(frozen=True)
class Risk:
    """Data that may be lost."""

    stack: str
    accepted_by: str
    """Name by which people accept it."""
    what: str
    """What may be lost."""
    change: Change | None
    """The change of the resource; None for a stack as a whole."""


@dataclass(frozen=True)
class Stack:
    """One stack before and after the change."""

    name: str
    old: Document | None
    """None for a new stack."""
    new: Document | None
    """None for a stack that has no file any more."""

    @property
    def changes(self) -> Sequence[Change]:
        """The changes of its resources, if both programs run."""
        if self.new is None or self.new.failures or (self.old and self.old.failures):
            return []
        return changes(self.old or Document(self.name, [], []), self.new)

    @property
    def risks(self) -> Iterator[Risk]:
        """The data that may be lost."""
        if self.old and not self.new:
            kept = [each for each in self.old.resources if loss(each.type) or each.protect]
            if kept or self.old.failures:
                yield self._of_stack(
                    f"its file is gone: no program keeps its resources with data ({len(kept)})"
                )
        elif self.old and self.new and self.old.failures and not self.new.failures:
            yield self._of_stack("cannot be compared: the program before the change does not run")
        for each in self.changes:
            if each.risk:
                yield Risk(self.name, name_of(self.name, each.resource.name), each.risk, each)

    def _of_stack(self, what: str) -> Risk:
        return Risk(self.name, name_of(self.name), what, None)


@dataclass(frozen=True)
class Comparison:
    """All stacks, and the losses that people have accepted."""

    stacks: Sequence[Stack]
    accepted: Collection[str] = ()

    @property
    def risks(self) -> list[Risk]:
        """The data at risk in all stacks."""
        return [risk for each in self.stacks for risk in each.risks]

    @property
    def reasons(self) -> list[str]:
        """Why the change may not be merged; empty if it may."""
        failing = [each.name for each in self.stacks if each.new and each.new.failures]
        broken = sum(len(each.new.broken) for each in self.stacks if each.new)
        open_ = [each for each in self.risks if each.accepted_by not in self.accepted]
        return [
            *([f"the program does not run ({', '.join(failing)})"] if failing else []),
            *([f"data is at risk ({len(open_)})"] if open_ else []),
            *([f"rules are broken ({broken})"] if broken else []),
        ]


def compare(
    before: Mapping[str, Document], after: Mapping[str, Document], accepted: Collection[str]
) -> Comparison:
    """Return the comparison of two sets of graphs by stack."""
    names = [*after, *(name for name in before if name not in after)]
    stacks = [Stack(name, before.get(name), after.get(name)) for name in names]
    return Comparison(stacks, accepted)
