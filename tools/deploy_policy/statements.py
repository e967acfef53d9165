"""Statements of policies: each action with the ARNs and conditions that limit it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.engine.graph import Registration

from .actions import ENCRYPTION, KINDS, SERVICE_LINKED
from .data import Action, Resource, action
from .needs import RANDOM, Need, Needs

Statement = dict[str, Any]
VARIABLE = re.compile(r"\$\{(\w+)\}")
NAMED = re.compile(r"Name(WithPath)?$|^SecretId$")
"""The variables of ARNs that hold a name. Others hold an ID that AWS chooses."""
KEY = re.compile(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/\S+")
IDS = ("cloudfront:key-value-store", "logs:delivery")
"""Kinds of resources whose ARN has an ID, although the reference calls it a name."""
TAGS = re.compile("[Tt]ag")
NEW = re.compile(r":(Allow|Create|Request|Revoke)|Tag")
"""The actions on resources that may have no tags yet, and those that change tags."""
UNTAGGED = frozenset(("ec2:network-interface", "ec2:security-group-rule"))
"""Kinds of resources that services make for the stack, without its tags."""
CONTENT = "s3:object"
"""Allowed for single buckets, since others hold data."""
PATHS = {
    "aws:apigateway/account:Account": ("/account",),
    "aws:apigateway/apiKey:ApiKey": ("/apikeys", "/apikeys/*", "/tags/*"),
    "aws:apigateway/usagePlan:UsagePlan": ("/usageplans", "/usageplans/*", "/tags/*"),
    "aws:apigateway/usagePlanKey:UsagePlanKey": ("/usageplans/*",),
}
"""The paths of API Gateway, whose actions are those of HTTP; all other types are below an API."""
API = ("/restapis", "/restapis/*", "/tags/*")
GLOBAL = "us-east-1"
"""The region of services without regions, such as IAM and CloudFront."""


@dataclass(frozen=True)
class Place:
    """Where the resources of a stack are, and how they are tagged."""

    account: str
    region: str
    tags: Mapping[str, str]
    zones: frozenset[str]
    """The hosted zones of the records."""


def statements(needs: Needs, place: Place, stack: Needs | None = None) -> list[Statement]:
    """Return the statements that allow what is needed, sorted by service and resources.

    All actions of a service get the names and regions of all resources of the service: one list
    for each kind of resource keeps policies short. `stack` is what deploys the stack, if `needs` is
    a part of it.
    """
    services: dict[str, Service] = {}
    for name, need in (stack or needs).items():
        services.setdefault(action(name).service, Service()).add(action(name), need)
    grouped: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for name in sorted(needs):
        allowed = action(name)
        service = services[allowed.service]
        kinds = service.kinds(allowed)
        names = _shortest(needs[name].names if CONTENT in kinds else service.names)
        arns = tuple(sorted(set(_arns(kinds, names, service, place)))) or ("*",)
        condition = _condition(allowed, kinds, service, place)
        key = (allowed.service, arns, json.dumps(condition, sort_keys=True))
        grouped.setdefault(key, []).append(name)
    return [
        _statement(names, list(arns), json.loads(condition))
        for (_, arns, condition), names in sorted(grouped.items())
    ]


@dataclass
class Service:
    """What a stack has of one service."""

    names: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    own: dict[str, Resource] = field(default_factory=dict)
    """The kinds of resources that the stack has: what single actions are for."""

    def add(self, allowed: Action, need: Need) -> None:
        if allowed.resources and CONTENT not in allowed.resources:
            self.names |= need.names
        self.regions |= need.regions
        if allowed.service == "apigateway":
            self.paths |= {path for type_ in need.types for path in PATHS.get(type_, API)}
        for kind, each in allowed.resources.items():
            one = len(allowed.resources) == 1 or kind in allowed.required
            if (one and allowed.write and not TAGS.search(allowed.name)) or any(
                kind == also and type_.startswith(service)
                for service, also in KINDS.items()
                for type_ in need.types
            ):
                self.own[kind] = each

    def kinds(self, allowed: Action) -> dict[str, Resource]:
        """Return the kinds of resources of an action. One on tags takes many that are not ours."""
        found = {kind: each for kind, each in allowed.resources.items() if kind in self.own}
        return found or allowed.resources


def roles(resources: Iterable[Registration], needs: Needs, place: Place) -> list[Statement]:
    """Return the statements for roles: which are passed to whom, and those that services make."""
    resources = list(resources)
    types = {each.type for each in resources}
    services = {each for role in _roles(resources) for each in _trusted(role)}
    if "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment" in types:
        services.add("cognito-identity.amazonaws.com")
    linked = {each for type_ in types for each in SERVICE_LINKED.get(type_, ())}
    if any(each.inputs.get("replicas") for each in resources):
        linked.add("replication.dynamodb.amazonaws.com")
    made = []
    own = f"arn:aws:iam::{place.account}:role"
    if services:
        arns = [f"{own}/{name}" for name in sorted(needs["iam:CreateRole"].names)]
        limit = {"StringEquals": {"iam:PassedToService": sorted(services)}}
        made.append(_statement(["iam:PassRole"], arns, limit))
    if linked:
        arns = [f"{own}/aws-service-role/{service}/*" for service in sorted(linked)]
        limit = {"StringEquals": {"iam:AWSServiceName": sorted(linked)}}
        made.append(_statement(["iam:CreateServiceLinkedRole"], arns, limit))
    return made


def keys(resources: Iterable[Registration]) -> list[Statement]:
    """Return the statements for keys that are not the stack's: stores use them for the caller."""
    arns = sorted({arn for each in resources for arn in _keys(each.inputs)})
    if not arns:
        return []
    services = sorted({f"*.{arn.split(':')[3]}.amazonaws.com" for arn in arns})
    return [
        _statement(["kms:DescribeKey"], arns, {}),
        _statement(list(ENCRYPTION), arns, {"StringLike": {"kms:ViaService": services}}),
    ]


def bounded(made: list[Statement], resources: Iterable[Registration]) -> list[Statement]:
    """Return the statements, for roles with a permissions boundary only if all roles have one."""
    boundaries = {each.inputs.get("permissionsBoundary") or "" for each in _roles(resources)}
    if not boundaries or "" in boundaries:
        return made
    limit = {"StringEquals": {"iam:PermissionsBoundary": sorted(boundaries)}}
    result: list[Statement] = []
    for each in made:
        limited = [name for name in each["Action"] if name in BOUNDED]
        others = [name for name in each["Action"] if name not in (*BOUNDED, UNBOUND)]
        if others:
            result.append({**each, "Action": others})
        if limited:
            result.append(_statement(limited, each["Resource"], limit))
    return result


UNBOUND = "iam:DeleteRolePermissionsBoundary"
BOUNDED = frozenset(
    (
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    )
)
"""What IAM allows only on roles with a certain boundary."""


def _arns(
    kinds: Mapping[str, Resource], names: set[str], service: Service, place: Place
) -> Iterator[str]:
    for region in service.regions:
        for path in service.paths:
            yield f"arn:aws:apigateway:{region}::{path}"
        for kind, resource in kinds.items():
            yield from _filled(kind, resource, names, region, place)


def _shortest(patterns: set[str]) -> set[str]:
    """Return the patterns that no other one includes."""
    wide = tuple(each.removesuffix("*") for each in patterns if each.endswith("*"))
    return {
        each
        for each in patterns
        if not any(each.startswith(other) and each != f"{other}*" for other in wide)
    }


def _filled(
    kind: str, resource: Resource, names: set[str], region: str, place: Place
) -> Iterator[str]:
    if kind == "route53:hostedzone":
        yield from (f"arn:aws:route53:::hostedzone/{zone}" for zone in place.zones)
        return
    arn = resource.arn
    for name, value in (("Partition", "aws"), ("Region", region), ("Account", place.account)):
        arn = arn.replace(f"${{{name}}}", value)
    holes = [each for each in VARIABLE.findall(arn) if NAMED.search(each)]
    if holes and kind not in IDS:
        for pattern in names:
            yield _plain(arn.replace(f"${{{holes[0]}}}", pattern, 1))
    else:
        yield _plain(arn)


def _plain(arn: str) -> str:
    return re.sub(r"\*+", "*", re.sub(r"\*/\*$", "*", VARIABLE.sub("*", arn)))


def _condition(
    allowed: Action, kinds: Mapping[str, Resource], service: Service, place: Place
) -> dict[str, dict[str, Any]]:
    """Return what limits an action that no name limits: tags of the stack, or its regions."""
    if not kinds and not service.paths:
        regions = sorted(service.regions | {GLOBAL})
        return {"StringEquals": {"aws:RequestedRegion": regions}}
    exists = allowed.write and not NEW.search(allowed.name)
    limited = kinds and all(each.tagged and _by_id(kind, each) for kind, each in kinds.items())
    if not exists or not limited or not place.tags or UNTAGGED & set(kinds):
        return {}
    return {"StringEquals": {f"aws:ResourceTag/{key}": each for key, each in place.tags.items()}}


def _by_id(kind: str, resource: Resource) -> bool:
    return kind in IDS or not any(map(NAMED.search, VARIABLE.findall(resource.arn)))


def _roles(resources: Iterable[Registration]) -> list[Registration]:
    return [each for each in resources if each.type == "aws:iam/role:Role"]


def _trusted(role: Registration) -> Iterator[str]:
    """Yield the services that may assume a role."""
    document = role.inputs["assumeRolePolicy"]
    document = json.loads(document) if isinstance(document, str) else document
    statements = document["Statement"]
    for each in statements if isinstance(statements, list) else [statements]:
        principal = each["Principal"]
        services = principal.get("Service", ()) if isinstance(principal, dict) else ()
        yield from [services] if isinstance(services, str) else services


def _keys(value: Any) -> Iterator[str]:
    """Yield the ARNs of keys in the inputs of a resource, but those of keys in the graph."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _keys(each)
    elif isinstance(value, str) and KEY.fullmatch(value) and not RANDOM.search(value):
        yield value


def _statement(actions: list[str], arns: list[str], condition: Mapping[str, Any]) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": actions, "Resource": arns}
    return {**made, "Condition": condition} if condition else made
