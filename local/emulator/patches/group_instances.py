"""Instances of Auto Scaling groups run, are checked and replaced.

Stock 1.5.33 stores instances as entries of a list. It drops the target groups of a group and the
launch template of an update, and does not terminate one instance.

AWS: "Health checks for instances in an Auto Scaling group". Here an instance whose process has
ended is unhealthy. Groups whose user data names no service (services/instances.py) have the
instances of the emulator.

ministack has fixed this when tests/emulator/test_group_instances.py passes with
`unpatched=("group_instances",)`.
"""

import time
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import autoscaling

from ..services.groups import Group, Groups, given_template, template_data
from ..services.instances import names_program
from . import Server
from .listener_ports import LISTENERS
from .load_balancers import TARGETS, deregistration_delay

TICK = 0.1
BACKOFF = 1.0
"""Seconds between the replacements of a group, so that a broken version does not fill the log."""
GROUPS = Groups(TARGETS, deregistration_delay, LISTENERS.here)
"""The processes of all groups."""


def apply(server: Server) -> None:
    GROUPS.use(server.runtime, server.folder.temporary / "instances")
    reconcile, reset = autoscaling._reconcile_instances, autoscaling.reset

    def reconcile_instances(group: Group) -> None:
        if "_scope" not in group:
            return  # A group that is being created: its target groups are not known yet.
        if group["_program"]:
            GROUPS.reconcile(group)
        else:
            reconcile(group)

    def reset_all() -> None:
        reset()
        GROUPS.clear()

    autoscaling._reconcile_instances, autoscaling.reset = reconcile_instances, reset_all
    _keep_settings()
    _terminate_by_call()


def _keep_settings() -> None:
    actions = autoscaling._ACTION_MAP
    create, update = actions["CreateAutoScalingGroup"], actions["UpdateAutoScalingGroup"]
    delete, describe = actions["DeleteAutoScalingGroup"], actions["DescribeAutoScalingGroups"]

    def create_group(params: Any) -> Any:
        answer = create(params)
        if answer[0] == 200:
            group = autoscaling._asgs[params["AutoScalingGroupName"]]
            group["TargetGroupARNs"] = _target_groups(params)
            group["_program"] = names_program(template_data(group["LaunchTemplate"]))
            group["_scope"] = get_account_id(), get_region()
            autoscaling._reconcile_instances(group)
            if group["_program"]:
                name = f"instances-{group['AutoScalingGroupName']}"
                spawn_background(_watch, group, thread_name=name)
        return answer

    def update_group(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        template = given_template(params, "LaunchTemplate")
        if group and template:
            group["LaunchTemplate"] = template
        return update(params)

    def delete_group(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        for each in list(group["Instances"]) if group else ():
            GROUPS.terminate(group, each)
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


def _watch(group: Group) -> None:
    """Replace the lost instances of a group until it is deleted."""
    with request_scope(*group["_scope"]):
        while autoscaling._asgs.get(group["AutoScalingGroupName"]) is group:
            lost = [each for each in group["Instances"] if GROUPS.is_lost(group, each)]
            for each in lost:
                each["HealthStatus"] = "Unhealthy"
                GROUPS.terminate(group, each)
            if lost:
                autoscaling._reconcile_instances(group)
                time.sleep(BACKOFF)
            time.sleep(TICK)


def _terminate_by_call() -> None:
    def terminate(params: Any) -> Any:
        name = params.get("InstanceId")
        for group in autoscaling._asgs.values():
            for each in list(group["Instances"]):
                if each["InstanceId"] == name:
                    GROUPS.terminate(group, each)
                    if params.get("ShouldDecrementDesiredCapacity") == "true":
                        group["DesiredCapacity"] -= 1
                    autoscaling._reconcile_instances(group)
                    action = "TerminateInstanceInAutoScalingGroup"
                    return autoscaling._xml(200, f"{action}Response", f"<{action}Result/>")
        return autoscaling._error("ValidationError", f"Instance Id not found - {name}")

    autoscaling._ACTION_MAP["TerminateInstanceInAutoScalingGroup"] = terminate
