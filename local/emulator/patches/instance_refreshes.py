"""An instance refresh replaces the instances of a group, and rolls back.

Stock 1.5.33 says at once that each instance refresh is successful, accepts rollbacks that AWS
refuses, and does not keep what was desired.

AWS: "How an instance refresh works in an Auto Scaling group", "Undo changes with a manual or auto
rollback". Here a refresh replaces one instance at a time, and launches before it terminates. Its
alarms and its bake time are observed; the bake time is shorter (services/pace.py).

ministack has fixed this when tests/emulator/test_instance_refreshes.py passes with
`unpatched=("instance_refreshes",)`.
"""

import time
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.concurrency import spawn_background
from ministack.core.responses import now_iso, request_scope
from ministack.services import autoscaling

from ..services import pace
from ..services.alarms import raised
from ..services.groups import Group, Instance, Template, given_template, template_data
from ..services.targets import HEALTHY, INITIAL
from . import Server
from .group_instances import GROUPS

TICK = 0.1
PATIENCE = 600.0
"""Seconds for a new instance to become healthy."""
ACTIVE = ("InProgress", "Baking", "RollbackInProgress")
Refresh = dict[str, Any]


def apply(server: Server) -> None:
    actions = autoscaling._ACTION_MAP
    stock, describe = actions["StartInstanceRefresh"], actions["DescribeInstanceRefreshes"]

    def start_refresh(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        if not group or not group.get("_program"):
            return stock(params)
        desired = given_template(params, "DesiredConfiguration.LaunchTemplate")
        rolls_back = params.get("Preferences.AutoRollback") == "true"
        if _active(group):
            name = group["AutoScalingGroupName"]
            return autoscaling._error(
                "InstanceRefreshInProgress", f"An instance refresh of {name} is in progress"
            )
        if rolls_back and (refused := _cannot_roll_back(group, desired)):
            return autoscaling._error("ValidationError", refused)
        answer = stock(params)
        refresh = group["InstanceRefreshes"][0]
        count = len(group["Instances"])
        refresh.update(
            Status="InProgress", StatusReason="", PercentageComplete=0, InstancesToUpdate=count
        )
        refresh["_desired"], refresh["_rolls_back"] = desired, rolls_back
        alarms = "Preferences.AlarmSpecification.Alarms"
        refresh["_alarms"] = autoscaling._parse_member_list(params, alarms)
        refresh["_bake"] = float(params.get("Preferences.BakeTime") or 0)
        name = f"refresh-{group['AutoScalingGroupName']}"
        spawn_background(_refresh, group, refresh, thread_name=name)
        return answer

    def roll_back(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName"))
        refresh = _active(group) if group else None
        if refresh is None:
            return autoscaling._error(
                "ActiveInstanceRefreshNotFound", "No instance refresh is in progress"
            )
        refresh.update(_rolls_back=True, _reason="it was rolled back by a call")
        action, id_ = "RollbackInstanceRefresh", refresh["InstanceRefreshId"]
        result = f"<{action}Result><InstanceRefreshId>{id_}</InstanceRefreshId></{action}Result>"
        return autoscaling._xml(200, f"{action}Response", result)

    def describe_refreshes(params: Any) -> Any:
        status, headers, body = describe(params)
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName")) or {}
        for refresh in group.get("InstanceRefreshes", ()):
            id_ = f"<InstanceRefreshId>{refresh['InstanceRefreshId']}</InstanceRefreshId>"
            body = body.replace(id_.encode(), f"{id_}{_details(refresh)}".encode(), 1)
        return status, headers, body

    actions["StartInstanceRefresh"] = start_refresh
    actions["RollbackInstanceRefresh"] = roll_back
    actions["DescribeInstanceRefreshes"] = describe_refreshes


def _active(group: Group) -> Refresh | None:
    """Return the refresh of a group that is in progress."""
    found = group.get("InstanceRefreshes", ())
    return next((each for each in found if each["Status"] in ACTIVE), None)


def _details(refresh: Refresh) -> str:
    """Return what the stock answer leaves out, as XML."""
    desired, reason = refresh.get("_desired"), refresh.get("_reason")
    text = ""
    if desired:
        members = "".join(
            f"<{key}>{escape(desired[key])}</{key}>" for key in ("LaunchTemplateId", "Version")
        )
        template = f"<LaunchTemplate>{members}</LaunchTemplate>"
        text += f"<DesiredConfiguration>{template}</DesiredConfiguration>"
    if reason and refresh["Status"].startswith("Rollback"):
        text += f"<RollbackDetails><RollbackReason>{reason}</RollbackReason></RollbackDetails>"
    return text


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


def _refresh(group: Group, refresh: Refresh) -> None:
    """Replace each instance; if a new one is not healthy, go back to the old template."""
    with request_scope(*group["_scope"]):
        old: list[Instance] = list(group["Instances"])
        made: list[Instance] = []
        before = group["LaunchTemplate"]
        template = group["LaunchTemplate"] = refresh["_desired"] or before
        for number, each in enumerate(old, 1):
            new = _replace(group, each, template, refresh)
            if new is None:
                _end_failed(group, refresh, made, before)
                return
            made.append(new)
            left = len(old) - number
            refresh.update(PercentageComplete=100 * number // len(old), InstancesToUpdate=left)
        if not _bake(refresh):
            _end_failed(group, refresh, made, before)
            return
        refresh.update(Status="Successful", EndTime=now_iso())


def _replace(
    group: Group, old: Instance, template: Template, refresh: Refresh | None = None
) -> Instance | None:
    """Launch an instance and terminate the old one once the new one is healthy.

    Returns None, with the old one running, if it does not become healthy, or if something ends the
    refresh.
    """
    new = GROUPS.launch(group, template, refresh=True)
    deadline = time.monotonic() + PATIENCE
    while (state := GROUPS.state(group, new)) == INITIAL and time.monotonic() < deadline:
        if refresh and _is_stopped(refresh):
            break
        time.sleep(TICK)
    if state != HEALTHY:
        if refresh:
            refresh.setdefault("_reason", "a new instance did not become healthy")
        GROUPS.terminate(group, new)
        return None
    new["_refresh"] = False
    GROUPS.terminate(group, old)
    return new


def _bake(refresh: Refresh) -> bool:
    """Watch the alarms for the bake time. Returns False if something ends the refresh."""
    if refresh["_bake"]:
        refresh["Status"] = "Baking"
    end = time.monotonic() + refresh["_bake"] * pace.BAKE
    while not _is_stopped(refresh):
        if time.monotonic() >= end:
            return True
        time.sleep(TICK)
    return False


def _is_stopped(refresh: Refresh) -> bool:
    """Return whether an alarm or a call ends a refresh."""
    if raised(refresh["_alarms"]):
        refresh.setdefault("_reason", "an alarm of the specification is in the state ALARM")
    return "_reason" in refresh


def _end_failed(group: Group, refresh: Refresh, made: list[Instance], before: Template) -> None:
    """End a refresh. If it rolls back, replace again what it has made, by the old template."""
    reason = refresh["_reason"]
    if not refresh["_rolls_back"]:
        refresh.update(Status="Failed", StatusReason=reason, EndTime=now_iso())
        return
    refresh.update(Status="RollbackInProgress", StatusReason=reason)
    group["LaunchTemplate"] = before
    restored = [_replace(group, each, before) for each in made]
    status = "RollbackSuccessful" if all(restored) else "RollbackFailed"
    refresh.update(Status=status, EndTime=now_iso())
