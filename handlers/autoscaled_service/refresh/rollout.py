"""Rollout: an instance refresh, and what has to be known before and after it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import InstanceRefreshTypeDef, RefreshPreferencesTypeDef
    from types_boto3_cloudwatch import CloudWatchClient

SUCCESSFUL, UP_TO_DATE = "Successful", "UpToDate"
ENDED = {SUCCESSFUL, "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"}
ROLLING_BACK = "RollbackInProgress"
PAUSE_SECONDS = 2


class RefreshError(Exception):
    """The version is not in service."""


class UsesAutoScaling(Protocol):
    """The AWS clients of a rollout."""

    @property
    def autoscaling(self) -> "AutoScalingClient":
        """Amazon EC2 Auto Scaling."""

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        """Amazon CloudWatch."""


@dataclass(frozen=True)
class Wanted:
    """What is to be rolled out."""

    group: str
    """Name of the group."""
    template: str
    """ID of the launch template."""
    version: str
    """Its version, a number."""
    alarms: tuple[str, ...]
    """Names of the alarms that roll it back."""
    bake_seconds: int
    """Time that the alarms are watched for after the last replacement."""


class Rollout:
    """Rolls a version out, or says why it is not in service.

    Args:
        clients: the AWS clients.
        wanted: what is to be rolled out.
        has_time: whether there is time left to wait.
    """

    def __init__(
        self, clients: UsesAutoScaling, wanted: Wanted, has_time: Callable[[], bool]
    ) -> None:
        self._clients, self._wanted, self._has_time = clients, wanted, has_time

    def run(self) -> str:
        """Return `Successful` or `UpToDate`.

        Raises:
            RefreshError: the version was rolled back, or could not be rolled out.
        """
        refresh = self._active()
        if refresh and not self._is_wanted(refresh):
            self._await_end(refresh)
            refresh = None
        if refresh is None:
            if self._current_version() == self._wanted.version:
                return UP_TO_DATE
            refresh = self._start()
        ended = self._await_end(refresh)
        if ended["Status"] != SUCCESSFUL:
            raise RefreshError(self._failure(ended))
        return SUCCESSFUL

    def _active(self) -> "InstanceRefreshTypeDef | None":
        """Return the refresh that is in progress, of which a group has one at most."""
        found = self._refreshes()
        return found[0] if found and found[0]["Status"] not in ENDED else None

    def _is_wanted(self, refresh: "InstanceRefreshTypeDef") -> bool:
        desired = refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {})
        same = desired.get("Version") == self._wanted.version
        return same and refresh["Status"] != ROLLING_BACK

    def _current_version(self) -> str:
        found = self._clients.autoscaling.describe_auto_scaling_groups(
            AutoScalingGroupNames=[self._wanted.group]
        )["AutoScalingGroups"]
        if not found:
            raise RefreshError(f"there is no group {self._wanted.group}")
        return found[0].get("LaunchTemplate", {}).get("Version", "")

    def _start(self) -> "InstanceRefreshTypeDef":
        wanted = self._wanted
        preferences: RefreshPreferencesTypeDef = {
            "AutoRollback": True,
            "BakeTime": wanted.bake_seconds,
            "SkipMatching": True,
            # Both would be waited for, for an hour.
            "ScaleInProtectedInstances": "Refresh",
            "StandbyInstances": "Ignore",
        }
        quiet = self._quiet_alarms()
        if quiet:
            preferences["AlarmSpecification"] = {"Alarms": quiet}
        started = self._clients.autoscaling.start_instance_refresh(
            AutoScalingGroupName=wanted.group,
            DesiredConfiguration={
                "LaunchTemplate": {"LaunchTemplateId": wanted.template, "Version": wanted.version}
            },
            Preferences=preferences,
        )
        return self._refresh(started["InstanceRefreshId"])

    def _quiet_alarms(self) -> list[str]:
        names = list(self._wanted.alarms)
        if not names:
            return []
        found = self._clients.cloudwatch.describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm"]
        )["MetricAlarms"]
        return [each["AlarmName"] for each in found if each["StateValue"] != "ALARM"]

    def _await_end(self, refresh: "InstanceRefreshTypeDef") -> "InstanceRefreshTypeDef":
        """Wait for the end of a refresh. Roll it back when there is no time left."""
        while refresh["Status"] not in ENDED:
            if not self._has_time():
                raise RefreshError(self._give_up(refresh))
            time.sleep(PAUSE_SECONDS)
            refresh = self._refresh(refresh["InstanceRefreshId"])
        return refresh

    def _give_up(self, refresh: "InstanceRefreshTypeDef") -> str:
        state = f"{refresh['Status']}, {refresh.get('StatusReason') or 'no reason given'}"
        if refresh["Status"] == ROLLING_BACK:
            return f"the rollback of an instance refresh has not ended: {state}"
        self._clients.autoscaling.rollback_instance_refresh(AutoScalingGroupName=self._wanted.group)
        return f"the instance refresh has not ended in time and is rolled back: {state}"

    def _failure(self, ended: "InstanceRefreshTypeDef") -> str:
        reasons = (
            ended.get("RollbackDetails", {}).get("RollbackReason"),
            ended.get("StatusReason"),
        )
        told = ". ".join(dict.fromkeys(each for each in reasons if each))
        version = f"version {self._wanted.version} of the launch template"
        return f"{version} is not in service: {ended['Status']}. {told or 'No reason given'}"

    def _refresh(self, id_: str) -> "InstanceRefreshTypeDef":
        return self._refreshes(id_)[0]

    def _refreshes(self, *ids: str) -> "list[InstanceRefreshTypeDef]":
        """Return the refreshes of the group, the latest one first."""
        return self._clients.autoscaling.describe_instance_refreshes(
            AutoScalingGroupName=self._wanted.group, InstanceRefreshIds=list(ids)
        )["InstanceRefreshes"]
