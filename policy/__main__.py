"""The policy pack: `pulumi preview --policy-pack policy`. The rules are in `rules/`."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError
from rules import RULES, Resource, Rule


def _policy(rule: Rule) -> Policy:
    if rule.relations:
        return StackValidationPolicy(rule.name, rule.description, _of_stack(rule))
    return ResourceValidationPolicy(rule.name, rule.description, _of_resource(rule))


def _of_resource(rule: Rule) -> Any:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        stack = pulumi.get_stack()
        for message in rule.check(Resource(stack, args.urn, args.resource_type, args.props)):
            report(message, args.urn)

    return validate


def _of_stack(rule: Rule) -> Any:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = {each.urn: _resource(each) for each in args.resources}
        for each in args.resources:
            for needed in each.dependencies:
                resources[needed.urn].dependents.append(resources[each.urn])
        for urn, resource in resources.items():
            for message in _known(rule, resource):
                report(message, urn)

    return validate


def _known(rule: Rule, resource: Resource) -> Iterator[str]:
    """Yield what the rule finds; nothing if it needs a value that is unknown before the update."""
    try:
        yield from rule.check(resource)
    except UnknownValueError:
        return


def _resource(each: PolicyResource) -> Resource:
    properties: Mapping[str, Any] = each.props
    return Resource(pulumi.get_stack(), each.urn, each.resource_type, properties)


if __name__ == "__main__":
    PolicyPack(
        name="colonnade",
        policies=[_policy(rule) for rule in RULES],
        enforcement_level=EnforcementLevel.MANDATORY,
    )
