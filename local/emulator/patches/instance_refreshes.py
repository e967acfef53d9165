"""An instance refresh replaces the instances of a group, and rolls back.

Stock 1.5.33 says at once that each instance refresh is successful, and accepts rollbacks that AWS
refuses.

AWS: "How an instance refresh works in an Auto Scaling group", "Undo changes with a manual or auto
rollback". Here a refresh replaces one instance at a time, and launches before it terminates.

ministack has fixed this when tests/emulator/test_instance_refreshes.py passes with
`unpatched=("instance_refreshes",)`.
"""

import time
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import now_iso, request_scope
from ministack.services import autoscaling

from ..services.groups import Group, Instance, Template, given_template, template_data
from ..services.targets import HEALTHY, INITIAL
from . import Server
from .group_instances import GROUPS

TICK = 0.1
PATIENCE = 600.0
"""Seconds for a new instance to become healthy."""


def apply(server: Server) -> None:
    stock = autoscaling._ACTION_MAP["StartInstanceRefresh"]

    def start_refresh(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        if not group or not group.get("_program"):
            return stock(params)
        desired = given_template(params, "DesiredConfiguration.LaunchTemplate")
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
        spawn_background(_refresh, group, refresh, template, rolls_back, thread_name=name)
        return answer

    autoscaling._ACTION_MAP["StartInstanceRefresh"] = start_refresh


def _cannot_roll_back(group: Group, desired: Template) -> str:
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
        str(template_data(each).get("ImageId", "")).startswith("resolve:ssm:")
        for each in (desired, group["LaunchTemplate"])
    ):
        return "AutoRollback needs an AMI ID in the launch template, not an SSM parameter"
    return ""


def _refresh(
    group: Group,
    refresh: dict[str, Any],
    template: Template,
    rolls_back: bool,
) -> None:
    """Replace each instance; if a new one is not healthy, go back to the old template."""
    with request_scope(*group["_scope"]):
        old: list[Instance] = list(group["Instances"])
        made: list[Instance] = []
        before = group["LaunchTemplate"]
        group["LaunchTemplate"] = template
        for number, each in enumerate(old, 1):
            new = _replace(group, each, template)
            if new is None:
                _end_failed(group, refresh, made, before if rolls_back else None)
                return
            made.append(new)
            left = len(old) - number
            refresh.update(PercentageComplete=100 * number // len(old), InstancesToUpdate=left)
        refresh.update(Status="Successful", EndTime=now_iso())


def _replace(group: Group, old: Instance, template: Template) -> Instance | None:
    """Launch an instance and terminate the old one once the new one is healthy.

    Returns None, with the old one running, if it does not become healthy.
    """
    new = GROUPS.launch(group, template, refresh=True)
    deadline = time.monotonic() + PATIENCE
    while (state := GROUPS.state(group, new)) == INITIAL and time.monotonic() < deadline:
        time.sleep(TICK)
    if state != HEALTHY:
        GROUPS.terminate(group, new)
        return None
    new["_refresh"] = False
    GROUPS.terminate(group, old)
    return new


def _end_failed(
    group: Group,
    refresh: dict[str, Any],
    made: list[Instance],
    before: Template | None,
) -> None:
    """End a refresh. With a template `before` it, replace again what the refresh has made."""
    reason = "a new instance did not become healthy"
    if before is None:
        refresh.update(Status="Failed", StatusReason=reason, EndTime=now_iso())
        return
    refresh.update(Status="RollbackInProgress", StatusReason=reason)
    group["LaunchTemplate"] = before
    restored = [_replace(group, each, before) for each in made]
    status = "RollbackSuccessful" if all(restored) else "RollbackFailed"
    refresh.update(Status=status, EndTime=now_iso())
