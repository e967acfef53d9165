"""Deployments of a service are judged by the health of its targets and by alarms.

Stock 1.5.33 completes a deployment a second after its tasks have started, and the first one of a
service before that, so that a version that answers no request replaces one that does. It keeps
tasks that the load balancer finds unhealthy, stores CANARY, LINEAR and BLUE_GREEN without shifting
a request, ignores alarms, and sends no event about a deployment that failed.

AWS: "Amazon ECS canary deployments", "Amazon ECS linear deployments", "Amazon ECS blue/green
deployments", "How CloudWatch alarms detect Amazon ECS deployment failures". Lifecycle hooks are not
called, and bake times are shorter (services/pace.py).

ministack has fixed this when tests/emulator/test_service_deployments.py passes with
`unpatched=("service_deployments",)`.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import alb, ecs

from ..services import pace
from ..services.alarms import raised
from ..services.containers import ADDRESS
from ..services.deployment_events import tell_failures
from ..services.targets import HEALTHY, UNHEALTHY
from . import Server
from .container_processes import groups
from .load_balancers import TARGETS

TICK = 0.05
FIRST_DELAY, LAST_DELAY = 0.1, 10.0
"""Seconds before a failed task is replaced."""
Service = dict[str, Any]
Deployment = dict[str, Any]
Task = dict[str, Any]
Complete = Callable[..., None]


def apply(server: Server) -> None:
    complete = ecs._complete_service_deployment
    schedule = ecs._schedule_service_deployment_completion

    def complete_if_judged(cluster: str, key: str, expected_deployment_id: str = "") -> None:
        service = ecs._services.get(key)
        primary = ecs._primary_deployment(service) if service else None
        if service and primary and _is_baked(service, primary):
            _bake_once(cluster, key, service, primary, complete)
        else:
            complete(cluster, key, expected_deployment_id=expected_deployment_id or None)

    def schedule_by_health(
        cluster: str, key: str, account: str, region: str, healthy_task: Task | None = None
    ) -> None:
        service = ecs._services.get(key)
        if healthy_task is None or not service or not service.get("loadBalancers"):
            schedule(cluster, key, account, region, healthy_task)
            return
        name = f"deployment-{key}"
        spawn_background(_watch, cluster, key, healthy_task, account, region, thread_name=name)

    make = ecs._make_deployment

    def make_in_progress(definition: str, desired: int, *rest: Any, **more: Any) -> Deployment:
        made: Deployment = make(definition, desired, *rest, **more)
        if desired:
            made.update(rolloutState="IN_PROGRESS", rolloutStateReason="")
        return made

    ecs._make_deployment = make_in_progress
    ecs._complete_service_deployment = complete_if_judged
    ecs._schedule_service_deployment_completion = schedule_by_health
    _restart_slowly()


def _restart_slowly() -> None:
    """Wait longer before each next task of a service whose tasks keep failing.

    AWS: "Amazon ECS service throttle logic". Without a circuit breaker they restart for ever.
    """
    failed, healthy = ecs._record_service_task_failure, ecs._record_service_task_healthy

    def record_failure(task: Task, **more: Any) -> None:
        scope = get_account_id(), get_region()
        cluster = ecs._cluster_name_from_arn(task.get("clusterArn", ""))
        key = f"{cluster}/{task.get('group', '').removeprefix('service:')}"
        service = ecs._services.get(key, {})
        failures = service.get("_failures", 0)
        service["_failures"] = failures + 1

        def later() -> None:
            time.sleep(min(FIRST_DELAY * 2**failures, LAST_DELAY))
            with request_scope(*scope):
                failed(task, **more)
                tell_failures(service)

        spawn_background(later, thread_name=f"restart-{key}")

    def record_healthy(key: str, task: Task) -> None:
        ecs._services.get(key, {})["_failures"] = 0
        healthy(key, task)

    ecs._record_service_task_failure = record_failure
    ecs._record_service_task_healthy = record_healthy


def _watch(cluster: str, key: str, task: Task, account: str, region: str) -> None:
    """Follow the health of a task's targets until the task ends."""
    with request_scope(account, region):
        began, known = time.monotonic(), False
        while ecs._task_is_active(task["taskArn"], task) and key in ecs._services:
            service = ecs._services[key]
            states = _states(service, task)
            grace = service.get("healthCheckGracePeriodSeconds", 0)
            if not known and all(each == HEALTHY for each in states):
                known = True
                _healthy(cluster, key, service, task)
            elif UNHEALTHY in states and (known or time.monotonic() - began > grace):
                _replace(task)
                return
            time.sleep(TICK)


def _states(service: Service, task: Task) -> list[str]:
    """Return the state of a task in each load balancer of its service."""
    states = []
    for each in service.get("loadBalancers") or ():
        port = task.get("_ports", {}).get(each.get("containerName"), 0)
        states.append(TARGETS.state((ADDRESS, port), groups(each)) or "unused")
    return states


def _healthy(cluster: str, key: str, service: Service, task: Task) -> None:
    ecs._record_service_task_healthy(key, task)
    ecs._refresh_service_state(cluster, task["group"])
    # The next tasks start where the capacity was limited.
    ecs._reconcile_service_tasks(cluster, key)
    deployment = ecs._deployment_for_task(service, task)
    if deployment:
        ecs._complete_service_deployment(cluster, key, expected_deployment_id=deployment["id"])


def _replace(task: Task) -> None:
    """Stop a task that is unhealthy, and count it against its deployment."""
    reason, code = "Task failed ELB health checks", "ServiceSchedulerInitiated"
    if ecs._mark_task_stopped(task["taskArn"], task, reason, code):
        ecs._cleanup_task_resources(task, ecs._get_docker())
        ecs._record_service_task_failure(task)


def _is_baked(service: Service, primary: Deployment) -> bool:
    """Return whether a deployment takes over in steps, or waits for alarms, before it completes."""
    settings = service.get("deploymentConfiguration") or {}
    shifts = settings.get("strategy", "ROLLING") != "ROLLING"
    follows = any(
        each is not primary and each.get("rolloutState") == "COMPLETED"
        for each in service["deployments"]
    )
    waits = primary.get("rolloutState") == "IN_PROGRESS" and not primary.get("_baked")
    return follows and waits and (shifts or bool(_alarms(settings)))


def _alarms(settings: dict[str, Any]) -> list[str]:
    alarms = settings.get("alarms") or {}
    return list(alarms.get("alarmNames", ())) if alarms.get("enable") else []


def _bake_once(
    cluster: str, key: str, service: Service, primary: Deployment, complete: Complete
) -> None:
    stable = [
        each
        for each in list(ecs._tasks.values())
        if each.get("_deployment_id") == primary["id"]
        and each.get("lastStatus") == "RUNNING"
        and each.get("_startup_stable")
    ]
    with ecs.resource_lock("ecs-service", key):
        if len(stable) < service["desiredCount"] or primary.get("_baking"):
            return
        primary["_baking"] = True
    scope = get_account_id(), get_region()

    def run() -> None:
        with request_scope(*scope):
            if _bake(service, primary):
                primary["_baked"] = True
                complete(cluster, key, expected_deployment_id=primary["id"])
            elif primary["rolloutState"] == "IN_PROGRESS" and primary["status"] == "PRIMARY":
                _fail(cluster, key, service, primary)

    spawn_background(run, thread_name=f"deployment-bake-{key}")


def _bake(service: Service, primary: Deployment) -> bool:
    """Shift the requests in steps. Returns False, with all requests back, if it must not go on."""
    settings = service["deploymentConfiguration"]
    for percent, minutes in _steps(settings):
        _weigh(service, primary, percent)
        end = time.monotonic() + float(minutes) * 60 * pace.BAKE
        # Looks at least once: the bake time may be zero.
        while True:
            if not _goes_on(primary) or raised(_alarms(settings)):
                _weigh(service, primary, 0)
                return False
            if time.monotonic() >= end:
                break
            time.sleep(TICK)
    return True


def _goes_on(primary: Deployment) -> bool:
    return bool(primary["rolloutState"] == "IN_PROGRESS" and primary["status"] == "PRIMARY")


def _steps(settings: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Yield the percentages of the new version, each with its minutes.

    The defaults are those of CanaryConfiguration and LinearConfiguration in the API reference.
    """
    strategy = settings.get("strategy")
    if strategy == "CANARY":
        canary = settings.get("canaryConfiguration") or {}
        yield canary.get("canaryPercent", 5.0), canary.get("canaryBakeTimeInMinutes", 10)
    elif strategy == "LINEAR":
        linear = settings.get("linearConfiguration") or {}
        step = float(linear.get("stepPercent", 10.0))
        for number in range(1, int(100 / step) + 1):
            if number * step < 100:
                yield number * step, linear.get("stepBakeTimeInMinutes", 6)
    yield 100.0, settings.get("bakeTimeInMinutes", 0)


def _weigh(service: Service, primary: Deployment, percent: float) -> None:
    """Give the group of the new version a percentage of the requests of each production rule."""
    for each in service.get("loadBalancers") or ():
        rule = alb._rules.get(
            (each.get("advancedConfiguration") or {}).get("productionListenerRule")
        )
        found = groups(each)
        if rule is None or len(found) < 2 or primary.get("_group") not in found:
            continue
        new = primary["_group"]
        old = next(arn for arn in found if arn != new)
        weights = [(old, round(100 - percent)), (new, round(percent))]
        weighted = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights]
        target = new if percent == 100 else old
        # The forward action is the last one: what authenticates stands before it.
        rule["Actions"][-1].update(TargetGroupArn=target, ForwardConfig={"TargetGroups": weighted})
        _event(service, f"has shifted {percent:g} % of the requests to {new.split('/')[1]}.")


def _fail(cluster: str, key: str, service: Service, deployment: Deployment) -> None:
    """Fail a deployment for an alarm and return to the last completed one, if that is wanted."""
    alarms = service["deploymentConfiguration"]["alarms"]
    reason = "deployment failed: alarm detected"
    with ecs.resource_lock("ecs-service", key):
        deployment.update(
            rolloutState="FAILED", rolloutStateReason=f"ECS {reason}.", desiredCount=0
        )
        deployment["updatedAt"] = ecs._iso()
        _event(service, f"{reason}.")
        old = next(
            (each for each in service["deployments"] if each["rolloutState"] == "COMPLETED"), None
        )
        if alarms.get("rollback") and old:
            deployment["status"] = "ACTIVE"
            old.update(status="PRIMARY", desiredCount=service["desiredCount"])
            service["taskDefinition"] = old["taskDefinition"]
            _event(service, "rolled back to the last completed deployment.")
    tell_failures(service)
    ecs._reconcile_service_tasks(cluster, key)


def _event(service: Service, what: str) -> None:
    message = f"(service {service['serviceName']}) {what}"
    event = {"id": ecs.new_uuid(), "createdAt": ecs._iso(), "message": message}
    service["events"].insert(0, event)
