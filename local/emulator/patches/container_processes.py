"""Tasks run, as processes of this machine with the credentials of their role.

Stock 1.5.33 runs containers with Docker only: without it, a task says RUNNING and nothing runs. Its
credentials endpoint gives keys that belong to no role and does not read the token. A target is the
port of the container, which several tasks on one address share.

AWS: "Amazon ECS task IAM role", "Amazon ECS task lifecycle" (targets drain before SIGTERM),
ContainerDefinition in the API reference (`stopTimeout`).

A process listens at the port in its variable PORT. ministack has fixed this when
tests/emulator/test_container_processes.py passes with `unpatched=("container_processes",)`.
"""

import hmac
from typing import Any

from ministack.core.responses import get_region, json_response
from ministack.services import ecs, imds

from ..services.containers import ADDRESS, Container, Containers
from ..services.credentials import Credentials, assume
from . import Server
from .load_balancers import TARGETS, deregistration_delay

PATH = "/v2/credentials/"
Issued = dict[str, tuple[str, str, Credentials]]
"""(token, ID of the task, credentials) by the last part of the address."""


def groups(balanced: dict[str, Any]) -> list[str]:
    """Return the target groups of a load balancer of a service: the main and the alternate one."""
    other = (balanced.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
    return [arn for arn in (balanced.get("targetGroupArn"), other) if arn]


def apply(server: Server) -> None:
    engine = Containers(server.runtime, server.folder.temporary / "containers", TARGETS)
    issued: Issued = {}
    ecs._get_docker = lambda: engine
    ecs._record_task_ip = _record_port
    ecs._sync_service_targets = _sync_targets
    _pass_definitions()
    _issue_credentials(issued)
    reset = ecs.reset

    def reset_all() -> None:
        reset()
        engine.clear()
        issued.clear()

    ecs.reset = reset_all


def _pass_definitions() -> None:
    """Pass what Docker reads from the image, and the stop timeout, to the engine."""
    build = ecs._build_run_kwargs

    def build_run_kwargs(definition: dict[str, Any], *rest: Any) -> dict[str, Any]:
        made: dict[str, Any] = build(definition, *rest)
        # Every image runs with the interpreter of this machine.
        made.pop("platform", None)
        return {**made, "definition": definition, "region": get_region()}

    ecs._build_run_kwargs = build_run_kwargs


def _issue_credentials(issued: Issued) -> None:
    register, handle = ecs._register_metadata, imds.handle_request

    def register_metadata(task: str, *rest: Any) -> Any:
        cluster, definition, container, launch, env, *_docker = rest
        token = register(task, cluster, definition, container, launch, env, True, ADDRESS)
        address = env.pop("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        authorization = env.pop("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        role = definition.get("taskRoleArn")
        if role:
            session = task.rpartition("/")[2]
            issued[address.rpartition("/")[2]] = authorization, session, assume(role, session)
            env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = address
            env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = authorization
        return token

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Any:
        if not path.startswith(PATH):
            return await handle(method, path, headers, body, query)
        name = path.removeprefix(PATH)
        token, session, credentials = issued.get(name, ("", "", None))
        given = headers.get("authorization", "")
        if credentials is None or not hmac.compare_digest(given.encode(), token.encode()):
            return json_response({"message": "no credentials for this token"}, 403)
        issued[name] = token, session, credentials.renewed(session)
        return json_response(issued[name][2].document())

    ecs._register_metadata, imds.handle_request = register_metadata, handle_request


def _record_port(task: dict[str, Any], container: Container, _network: object) -> None:
    """Store where a container of a task listens."""
    task.setdefault("_ports", {})[container.name] = container.port
    task["_container_ip"] = ADDRESS
    if task.get("_network_mode") == "awsvpc" and not task.get("attachments"):
        details = [{"name": "privateIPv4Address", "value": ADDRESS}]
        if task.get("_subnet"):
            details.insert(0, {"name": "subnetId", "value": task["_subnet"]})
        kind = "ElasticNetworkInterface"
        task["attachments"] = [
            {"id": container.id[:32], "type": kind, "status": "ATTACHED", "details": details}
        ]


def _sync_targets(_cluster: str, service: dict[str, Any]) -> None:
    """Register the running tasks of a service in its target groups, and drain those that stop."""
    published = service.setdefault("_published_targets", {})
    for balanced in service.get("loadBalancers") or ():
        for group in groups(balanced):
            now = set(_running(service, balanced, group))
            before = set(published.get(group, ()))
            published[group] = sorted(now)
            TARGETS.register(group, [(ADDRESS, port) for port in now - before])
            drained = [(ADDRESS, port) for port in before - now]
            TARGETS.deregister(group, drained, deregistration_delay(group))


def _running(service: dict[str, Any], balanced: dict[str, Any], group: str) -> list[int]:
    if service.get("status") != "ACTIVE":
        return []
    return [
        task["_ports"][balanced["containerName"]]
        for task in list(ecs._tasks.values())
        if task.get("group") == f"service:{service['serviceName']}"
        and task.get("clusterArn") == service.get("clusterArn")
        and task.get("lastStatus") == "RUNNING"
        and balanced.get("containerName") in task.get("_ports", {})
        and group_of(service, task, balanced) == group
    ]


def group_of(service: dict[str, Any], task: dict[str, Any], balanced: dict[str, Any]) -> str:
    """Return the target group of a task.

    With two groups, the tasks of a deployment are in the one in which those of the last completed
    deployment are not.
    """
    found = groups(balanced)
    deployment = ecs._deployment_for_task(service, task)
    if deployment is None or len(found) == 1:
        return found[0]
    if "_group" not in deployment:
        used = [
            each.get("_group")
            for each in service["deployments"]
            if each is not deployment and each.get("rolloutState") == "COMPLETED"
        ]
        deployment["_group"] = next(arn for arn in found if arn not in used[:1])
    return str(deployment["_group"])
