"""What AWS publishes about the resource types and actions that a deploy needs: `data.json`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("data.json")
OPERATIONS = ("create", "read", "update", "delete")


@dataclass(frozen=True)
class Resource:
    """A kind of resource that a policy can name."""

    arn: str
    """With variables, such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`."""
    tagged: bool
    """Whether a policy can ask for the tags of such a resource."""


@dataclass(frozen=True)
class Action:
    """One action of IAM."""

    name: str
    write: bool
    resources: dict[str, Resource]
    """By kind. Empty: AWS knows no permissions on single resources."""
    required: frozenset[str]
    """The kinds that each call has one of."""

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


@cache
def _data() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def handlers(cloudformation: str) -> dict[str, list[str]]:
    """Return the actions of each operation of a type of CloudFormation."""
    return dict(_data()["types"][cloudformation])


@cache
def action(name: str) -> Action:
    """Return an action. Raises KeyError if IAM has none of this name."""
    found, kinds = _data()["actions"][name], _data()["resources"]
    resources = {kind: Resource(**kinds[kind]) for kind in found["resources"]}
    return Action(name, found["write"], resources, frozenset(found["required"]))
