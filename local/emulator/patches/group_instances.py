"""Instances of Auto Scaling groups run, are checked and replaced, and are refreshed with rollback.

Stock 1.5.33 stores instances as entries of a list. It drops the target groups of a group and the
launch template of an update, does not terminate one instance, and says at once that each instance
refresh is successful.

AWS: "Health checks for instances in an Auto Scaling group", "How an instance refresh works in an
Auto Scaling group", "Undo changes with a rollback". Here an instance whose process has ended is
unhealthy, and a refresh launches a new instance before it terminates an old one.

Groups whose user data names no service (services/instances.py) have the instances of the emulator.
ministack has fixed this when tests/emulator/test_group_instances.py passes with
`unpatched=("group_instances",)`.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso, request_scope
from ministack.services import autoscaling

from ..services.containers import ADDRESS
from ..services.instances import STOP_SECONDS, Program, ProgramError, start
from ..services.processes import ServiceProcess
from ..services.targets import HEALTHY, INITIAL, UNHEALTHY
from . import Server
from .load_balancers import LISTENERS, TARGETS, deregistration_delay

TICK = 0.1
BACKOFF = 1.0
"""Seconds between the replacements of a group, so that a broken version does not fill the log."""
REFRESH_SECONDS = 600.0
log = logging.getLogger(__name__)
Group = dict[str, Any]
Instance = dict[str, Any]


@dataclass
class Running:
    """The processes of all groups."""

    runtime: Path
    folder: Path
    processes: dict[str, ServiceProcess] = field(default_factory=dict)
    """By the ID of the instance."""
    lock: threading.RLock = field(default_factory=threading.RLock)


def apply(server: Server) -> None:
    running = Running(server.runtime, server.folder.temporary / "instances")
    reconcile, reset = autoscaling._reconcile_instances, autoscaling.reset

    def reconcile_instances(group: Group) -> None:
        if "_scope" not in group:
            return  # A group that is being created: its target groups are not known yet.
        if group["_program"]:
            _reconcile(running, group)
        else:
            reconcile(group)

    def reset_all() -> None:
        with running.lock:
            ended = list(running.processes.values())
            running.processes.clear()
        reset()
        for each in ended:
            each.kill()

    autoscaling._reconcile_instances, autoscaling.reset = reconcile_instances, reset_all
    _keep_settings(running)
    _terminate_by_call(running)
    _refresh_by_call(running)


def _keep_settings(running: Running) -> None:
    actions = autoscaling._ACTION_MAP
    create, update = actions["CreateAutoScalingGroup"], actions["UpdateAutoScalingGroup"]
    delete, describe = actions["DeleteAutoScalingGroup"], actions["DescribeAutoScalingGroups"]

    def create_group(params: Any) -> Any:
        answer = create(params)
        if answer[0] == 200:
            group = autoscaling._asgs[params["AutoScalingGroupName"]]
            group["TargetGroupARNs"] = _target_groups(params)
            group["_program"] = bool(Program.of(_template(group["LaunchTemplate"])))
            group["_scope"] = get_account_id(), get_region()
            autoscaling._reconcile_instances(group)
            if group["_program"]:
                name = f"instances-{group['AutoScalingGroupName']}"
                spawn_background(_watch, running, group, thread_name=name)
        return answer

    def update_group(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        template = _given_template(params, "LaunchTemplate")
        if group and template:
            group["LaunchTemplate"] = template
        return update(params)

    def delete_group(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        for each in list(group["Instances"]) if group else ():
            _terminate(running, group, each)
        return delete(params)

    def describe_groups(params: Any) -> Any:
        status, headers, body = describe(params)
        for group in autoscaling._asgs.values():
            name = f"<AutoScalingGroupName>{group['AutoScalingGroupName']}</AutoScalingGroupName>"
            arns = "".join(f"<member>{arn}</member>" for arn in group.get("TargetGroupARNs", ()))
            listed = f"{name}<TargetGroupARNs>{arns}</TargetGroupARNs>"
            body = body.replace(name.encode(), listed.encode(), 1)
        return status, headers, body

    actions.update(
        CreateAutoScalingGroup=create_group,
        UpdateAutoScalingGroup=update_group,
        DeleteAutoScalingGroup=delete_group,
        DescribeAutoScalingGroups=describe_groups,
    )


def _target_groups(params: Any) -> list[str]:
    found: list[str] = autoscaling._parse_member_list(params, "TargetGroupARNs")
    number = 1
    while source := params.get(f"TrafficSources.member.{number}.Identifier"):
        found.append(source)
        number += 1
    return found


def _given_template(params: Any, prefix: str) -> dict[str, str]:
    name = params.get(f"{prefix}.LaunchTemplateId") or params.get(f"{prefix}.LaunchTemplateName")
    version = params.get(f"{prefix}.Version") or "$Default"
    template = {"LaunchTemplateId": name, "LaunchTemplateName": name, "Version": version}
    return template if name else {}


def _template(chosen: dict[str, str]) -> dict[str, Any]:
    """Return the data of a version of a launch template."""
    if not chosen:
        return {}
    # Imported late, for its size.
    from ministack.services import ec2

    spec = {key: chosen[key] for key in ("LaunchTemplateId", "Version")}
    if not spec["LaunchTemplateId"].startswith("lt-"):
        spec["LaunchTemplateName"] = spec.pop("LaunchTemplateId")
    data, _template, _error = ec2._resolve_launch_template_data(spec)
    return dict(data or {})


def _reconcile(running: Running, group: Group) -> None:
    with running.lock:
        instances = group["Instances"]
        for each in instances[group["DesiredCapacity"] :]:
            _terminate(running, group, each)
        while len(instances) < group["DesiredCapacity"]:
            _launch(running, group, group["LaunchTemplate"])


def _launch(running: Running, group: Group, template: dict[str, str]) -> Instance:
    zones, name = group["AvailabilityZones"], "i-" + new_uuid().replace("-", "")[:17]
    instance: Instance = {
        "InstanceId": name,
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "AvailabilityZone": zones[len(group["Instances"]) % len(zones)],
        "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
        "LaunchTemplate": template,
        "LaunchConfigurationName": "",
        "_launched": time.monotonic(),
    }
    with running.lock:
        group["Instances"].append(instance)
        try:
            process = _start(running, group, name, _template(template))
        except (ProgramError, ValueError, KeyError) as error:
            log.error("instance %s of %s: %s", name, group["AutoScalingGroupName"], error)
            return instance
        running.processes[name] = process
    for arn in group["TargetGroupARNs"]:
        TARGETS.register(arn, [(ADDRESS, process.port)])
    return instance


def _start(running: Running, group: Group, name: str, data: dict[str, Any]) -> ServiceProcess:
    # Imported late, for its size.
    from ministack.services import s3

    program = Program.of(data)
    if program is None:
        raise ProgramError("the user data names no service")
    # User data is encoded, so that the program's run could not replace them.
    variables = {key: LISTENERS.here(value) for key, value in program.environment.items()}
    return start(
        replace(program, environment=variables),
        s3._get_object_data(program.bucket, program.key),
        instance=name,
        role=_role(data),
        region=group["_scope"][1],
        endpoint=f"http://{ADDRESS}:{os.environ['GATEWAY_PORT']}",
        runtime=running.runtime,
        folder=running.folder,
    )


def _role(data: dict[str, Any]) -> str | None:
    """Return the role of the instance profile."""
    # Imported late: the emulator imports it with the first call of IAM.
    from ministack.services import iam

    given = data.get("IamInstanceProfile") or {}
    name = given.get("Name") or given.get("Arn", "").rpartition("/")[2]
    roles = (iam._instance_profiles.get(name) or {}).get("Roles", ())
    names = [each if isinstance(each, str) else each["RoleName"] for each in roles]
    return str(iam._roles[names[0]]["Arn"]) if names else None


def _terminate(running: Running, group: Group, instance: Instance) -> None:
    """Remove an instance, which drains before its process is stopped."""
    with running.lock:
        group["Instances"][:] = [each for each in group["Instances"] if each is not instance]
        process = running.processes.pop(instance["InstanceId"], None)
    if process is None:
        return
    key = ADDRESS, process.port
    for arn in group["TargetGroupARNs"]:
        TARGETS.deregister(arn, [key], deregistration_delay(arn))
    process.stop(STOP_SECONDS, before=lambda: TARGETS.await_drained(key))


def _state(running: Running, group: Group, instance: Instance) -> str:
    """Return the health of an instance, by its process and its targets."""
    process = running.processes.get(instance["InstanceId"])
    if process is None or not process.running:
        return UNHEALTHY
    if not group["TargetGroupARNs"]:
        return HEALTHY
    return TARGETS.state((ADDRESS, process.port), group["TargetGroupARNs"]) or INITIAL


def _is_lost(running: Running, group: Group, instance: Instance) -> bool:
    """Return whether an instance is to be replaced."""
    process = running.processes.get(instance["InstanceId"])
    if process is None or not process.running:
        return True
    age = time.monotonic() - instance["_launched"]
    judged = group["HealthCheckType"] == "ELB" and age > group["HealthCheckGracePeriod"]
    return judged and _state(running, group, instance) == UNHEALTHY


def _watch(running: Running, group: Group) -> None:
    """Replace the lost instances of a group until it is deleted."""
    with request_scope(*group["_scope"]):
        while autoscaling._asgs.get(group["AutoScalingGroupName"]) is group:
            # A refresh judges its new instances itself.
            watched = [each for each in group["Instances"] if not each.get("_new")]
            lost = [each for each in watched if _is_lost(running, group, each)]
            for each in lost:
                each["HealthStatus"] = "Unhealthy"
                _terminate(running, group, each)
            if lost:
                autoscaling._reconcile_instances(group)
                time.sleep(BACKOFF)
            time.sleep(TICK)


def _terminate_by_call(running: Running) -> None:
    def terminate(params: Any) -> Any:
        name = params.get("InstanceId")
        for group in autoscaling._asgs.values():
            for each in list(group["Instances"]):
                if each["InstanceId"] == name:
                    _terminate(running, group, each)
                    if params.get("ShouldDecrementDesiredCapacity") == "true":
                        group["DesiredCapacity"] -= 1
                    autoscaling._reconcile_instances(group)
                    action = "TerminateInstanceInAutoScalingGroup"
                    return autoscaling._xml(200, f"{action}Response", f"<{action}Result/>")
        return autoscaling._error("ValidationError", f"Instance Id not found - {name}")

    autoscaling._ACTION_MAP["TerminateInstanceInAutoScalingGroup"] = terminate


def _refresh_by_call(running: Running) -> None:
    stock = autoscaling._ACTION_MAP["StartInstanceRefresh"]

    def start_refresh(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        if not group or not group["_program"]:
            return stock(params)
        desired = _given_template(params, "DesiredConfiguration.LaunchTemplate")
        rolls_back = params.get("Preferences.AutoRollback") == "true"
        if rolls_back and (refused := _cannot_roll_back(group, desired)):
            return autoscaling._error("ValidationError", refused)
        answer = stock(params)
        refresh = group["InstanceRefreshes"][0]
        count = len(group["Instances"])
        refresh.update(
            Status="InProgress", StatusReason="", PercentageComplete=0, InstancesToUpdate=count
        )
        name = f"refresh-{group['AutoScalingGroupName']}"
        template = desired or group["LaunchTemplate"]
        spawn_background(_refresh, running, group, refresh, template, rolls_back, thread_name=name)
        return answer

    autoscaling._ACTION_MAP["StartInstanceRefresh"] = start_refresh


def _cannot_roll_back(group: Group, desired: dict[str, str]) -> str:
    """Return why AWS refuses a rollback, or nothing.

    AWS: "Undo changes with a manual or auto rollback", Considerations.
    """
    if not desired:
        return (
            "The AutoRollback parameter cannot be set to true when the DesiredConfiguration"
            " parameter is empty. Set AutoRollback to false or specify a desired configuration and"
            " try again."
        )
    if any(each["Version"].startswith("$") for each in (desired, group["LaunchTemplate"])):
        return (
            "AutoRollback needs numbered versions of the launch template, not $Latest or $Default"
        )
    if any(
        str(_template(each).get("ImageId", "")).startswith("resolve:ssm:")
        for each in (desired, group["LaunchTemplate"])
    ):
        return "AutoRollback needs an AMI ID in the launch template, not an SSM parameter"
    return ""


def _refresh(
    running: Running,
    group: Group,
    refresh: dict[str, Any],
    template: dict[str, str],
    rolls_back: bool,
) -> None:
    """Replace each instance; if a new one is not healthy, go back to the old template."""
    with request_scope(*group["_scope"]):
        old: list[Instance] = list(group["Instances"])
        made: list[Instance] = []
        before = group["LaunchTemplate"]
        group["LaunchTemplate"] = template
        for number, each in enumerate(old, 1):
            new = _replace(running, group, each, template)
            if new is None:
                _end_failed(running, group, refresh, made, before if rolls_back else None)
                return
            made.append(new)
            left = len(old) - number
            refresh.update(PercentageComplete=100 * number // len(old), InstancesToUpdate=left)
        refresh.update(Status="Successful", EndTime=now_iso())


def _replace(
    running: Running, group: Group, old: Instance, template: dict[str, str]
) -> Instance | None:
    """Launch an instance and terminate the old one once the new one is healthy.

    Returns None, with the old one running, if it does not become healthy.
    """
    new = _launch(running, group, template)
    new["_new"] = True
    deadline = time.monotonic() + REFRESH_SECONDS
    while (state := _state(running, group, new)) == INITIAL and time.monotonic() < deadline:
        time.sleep(TICK)
    if state != HEALTHY:
        _terminate(running, group, new)
        return None
    new["_new"] = False
    _terminate(running, group, old)
    return new


def _end_failed(
    running: Running,
    group: Group,
    refresh: dict[str, Any],
    made: list[Instance],
    before: dict[str, str] | None,
) -> None:
    """End a refresh. With a template `before` it, replace again what the refresh has made."""
    reason = "a new instance did not become healthy"
    if before is None:
        refresh.update(Status="Failed", StatusReason=reason, EndTime=now_iso())
        return
    refresh.update(Status="RollbackInProgress", StatusReason=reason)
    group["LaunchTemplate"] = before
    restored = [_replace(running, group, each, before) for each in made]
    status = "RollbackSuccessful" if all(restored) else "RollbackFailed"
    refresh.update(Status=status, EndTime=now_iso())
