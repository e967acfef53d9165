"""The actions that a graph needs, each with the names and regions of its resources."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from local.engine.graph import Invoke, Registration
from tools.stack_outputs import CommandError

from .actions import CLOUDFORMATION, CONTENTS, EMPTYING, FUNCTIONS, MORE, REPLICATION
from .data import OPERATIONS, handlers

PULUMI = "pulumi:"
RANDOM = re.compile("(?<=API-Gateway-Execution-Logs_)[a-z0-9-]*1a2b3c4|1a2b3c4")
"""What a preview puts in place of the random digits of Pulumi's names, and of an API's ID."""
NAMES = (
    "bucket",
    "clusterName",
    "dashboardName",
    "emailIdentity",
    "integrationName",
    "name",
    "namespaceName",
    "workgroupName",
)
"""The inputs that give the physical name of a resource."""
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
"""The contents of single buckets, such as pages; others hold data."""
PARTS = frozenset(
    (
        "aws:athena/namedQuery:NamedQuery",
        "aws:cloudwatch/logStream:LogStream",
        "aws:cognito/resourceServer:ResourceServer",
        "aws:glue/catalogTable:CatalogTable",
        "aws:lambda/alias:Alias",
        "aws:route53/record:Record",
        "aws:schemas/schema:Schema",
    )
)
"""The types whose ARN has the name of the resource that they belong to."""


@dataclass
class Need:
    """One action and what it is needed for."""

    types: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Patterns of names, such as `orders-*`."""
    regions: set[str] = field(default_factory=set)


Needs = dict[str, Need]


def deploying(resources: Iterable[Registration], region: str) -> Needs:
    """Return what creates, reads, updates, tags and deletes the resources of a graph."""
    return _needs(resources, region, OPERATIONS)


def previewing(resources: Iterable[Registration], region: str) -> Needs:
    """Return what reads the settings of the resources of a graph, and no contents."""
    needs = _needs(resources, region, ("read",))
    return {name: need for name, need in needs.items() if name not in CONTENTS}


def _needs(resources: Iterable[Registration], region: str, operations: tuple[str, ...]) -> Needs:
    resources = list(resources)
    prefixes = _prefixes(resources)
    needs: Needs = {}
    for each in resources:
        if not each.custom or each.type.startswith(PULUMI):
            continue
        for action in _actions(each, operations):
            need = needs.setdefault(action, Need())
            need.types.add(each.type)
            need.names |= _patterns(each, prefixes)
            need.regions.add(each.inputs.get("region") or region)
    return needs


def calling(invokes: Iterable[Invoke], region: str) -> Needs:
    """Return what the functions of the provider read, which each preview and each deploy calls.

    They may ask for resources of other stacks. Raises CommandError for an unknown function.
    """
    needs: Needs = {}
    for function in sorted({each.function for each in invokes}):
        if function not in FUNCTIONS:
            raise CommandError(
                f"the actions of {function} are not known: add it to"
                " tools/deploy_policy/actions.py, then run `make policy-data`"
            )
        for action in FUNCTIONS[function]:
            needs[action] = Need({function}, {"*"}, {region})
    return needs


def actions_of(type_: str) -> Mapping[str, list[str]]:
    """Return the actions of each operation on a type. Raises CommandError for an unknown one."""
    own, cloudformation = MORE.get(type_, {}), CLOUDFORMATION.get(type_)
    if not own and not cloudformation:
        raise CommandError(
            f"the actions for {type_} are not known: add the type to"
            " tools/deploy_policy/actions.py, then run `make policy-data`"
        )
    given = handlers(cloudformation) if cloudformation else {}
    return {each: [*given.get(each, ()), *own.get(each, ())] for each in OPERATIONS}


def _actions(resource: Registration, operations: tuple[str, ...]) -> Iterator[str]:
    for operation, actions in actions_of(resource.type).items():
        if operation in operations:
            yield from actions
    if "create" in operations and resource.inputs.get("replicas"):
        yield from REPLICATION
    if "delete" in operations and resource.inputs.get("forceDestroy"):
        yield from EMPTYING


def _prefixes(resources: list[Registration]) -> list[str]:
    """Return the shortest names of the program's own resources: all others begin with them."""
    urns = {each.urn for each in resources}
    tops = {each.name for each in resources if each.parent not in urns}
    found: list[str] = []
    for name in sorted(tops):
        if not any(f"{name}-".startswith(f"{each}-") for each in found):
            found.append(name)
    return found


def _patterns(resource: Registration, prefixes: list[str]) -> set[str]:
    """Return patterns for the physical name of a resource: Pulumi's, or that of its inputs."""
    automatic = {each for each in prefixes if f"{resource.name}-".startswith(f"{each}-")}
    given = [resource.inputs[key] for key in NAMES if isinstance(resource.inputs.get(key), str)]
    if resource.type == OBJECT:
        return {RANDOM.sub("*", name) for name in given}
    if not given or resource.type in PARTS:
        return {f"{each}-*" for each in automatic}
    own = {RANDOM.sub("*", name) for name in given}
    return {
        next((f"{each}-*" for each in prefixes if name.startswith(f"{each}-")), name)
        for name in own
    }
