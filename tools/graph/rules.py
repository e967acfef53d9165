"""The rules of the policy pack, over a graph: as `pulumi preview --policy-pack policy` does."""

from collections.abc import Sequence
from dataclasses import dataclass

from local.engine.graph import Registration
from policy.rules import RULES, Resource


@dataclass(frozen=True)
class Violation:
    """A rule that a resource breaks."""

    rule: str
    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name} {self.message} (rule {self.rule})"


def violations(resources: Sequence[Registration], stack: str) -> list[Violation]:
    """Every rule that a resource of the stack breaks."""
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
    # Pulumi's AWS provider adds the default tags before policies see a resource.
    tags = made.outputs.get("tagsAll", {})
    return Resource(stack, made.urn, made.type, {**made.inputs, "tagsAll": tags})
