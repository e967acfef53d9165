"""The check of a graph by the rules that `pulumi preview --policy-pack policy` checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from local.engine.graph import Registration
from policy.rules import RULES, Resource


@dataclass(frozen=True)
class Violation:
    """A rule, and the resource that breaks it."""

    rule: str
    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name} {self.message} (rule {self.rule})"


def violations(resources: Sequence[Registration], stack: str) -> list[Violation]:
    """Return every violation in the resources of a stack."""
    seen = {each.urn: _resource(each, stack) for each in resources if each.custom}
    for each in resources:
        for needed in each.dependencies:
            if needed in seen and each.urn in seen:
                seen[needed].dependents.append(seen[each.urn])
    return [
        Violation(rule.name, urn.rpartition("::")[2], message)
        for rule in RULES
        for urn, resource in seen.items()
        for message in rule.check(resource)
    ]


def _resource(made: Registration, stack: str) -> Resource:
    # The AWS provider of Pulumi adds the default tags before a policy sees a resource.
    tags = made.outputs.get("tagsAll", {})
    return Resource(stack, made.urn, made.type, {**made.inputs, "tagsAll": tags})
