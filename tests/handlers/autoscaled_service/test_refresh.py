"""The rollout of a version: what is started, waited for, and said when it fails."""

from typing import Any

import pytest
from autoscaled_service.refresh import app, rollout

EVENT = {
    "group": "ledger",
    "template": "lt-1",
    "version": "2",
    "alarms": ["errors", "ringing"],
    "bake_seconds": 120,
}


class World:
    """A fake of Auto Scaling and CloudWatch. A refresh has one status after the other."""

    def __init__(self, version: str = "1"):
        self.version = version
        self.refreshes: list[dict[str, Any]] = []
        self.next: list[dict[str, Any]] = [{"Status": "Successful"}]
        self.started: list[dict[str, Any]] = []
        self.rolled_back = 0
        self.autoscaling = self.cloudwatch = self
        self.minutes_left = 15

    def get_remaining_time_in_millis(self) -> int:
        self.minutes_left -= 1
        return self.minutes_left * 60_000

    def describe_auto_scaling_groups(self, AutoScalingGroupNames):
        assert AutoScalingGroupNames == ["ledger"]
        return {"AutoScalingGroups": [{"LaunchTemplate": {"Version": self.version}}]}

    def describe_instance_refreshes(self, AutoScalingGroupName, InstanceRefreshIds):
        assert AutoScalingGroupName == "ledger"
        if InstanceRefreshIds and self.next:
            self.refreshes[0].update(self.next.pop(0))
        return {"InstanceRefreshes": self.refreshes}

    def describe_alarms(self, AlarmNames, AlarmTypes):
        assert (AlarmNames, AlarmTypes) == (EVENT["alarms"], ["MetricAlarm"])
        states = {"errors": "INSUFFICIENT_DATA", "ringing": "ALARM"}
        found = [{"AlarmName": name, "StateValue": states[name]} for name in AlarmNames]
        return {"MetricAlarms": found}

    def start_instance_refresh(self, **settings):
        self.started.append(settings)
        self.refreshes.insert(0, {"InstanceRefreshId": "r", "Status": "Pending"})
        return {"InstanceRefreshId": "r"}

    def rollback_instance_refresh(self, AutoScalingGroupName):
        self.rolled_back += 1

    def in_progress(self, version: str, status: str = "InProgress") -> None:
        template = {"LaunchTemplateId": "lt-1", "Version": version}
        refresh = {"DesiredConfiguration": {"LaunchTemplate": template}, "Status": status}
        self.refreshes.insert(0, {"InstanceRefreshId": "earlier", **refresh})

    def invoke(self) -> dict[str, str]:
        return app.handler(EVENT, self)


@pytest.fixture
def world(monkeypatch):
    made = World()
    monkeypatch.setattr(app, "clients", lambda: made)
    monkeypatch.setattr(rollout, "PAUSE_SECONDS", 0)
    return made


def test_the_version_is_rolled_out_with_a_rollback_by_the_alarms_that_are_quiet(world):
    world.next = [{"Status": status} for status in ("Pending", "InProgress", "Baking")]
    world.next.append({"Status": "Successful"})
    assert world.invoke() == {"status": "Successful"}
    [started] = world.started
    template = {"LaunchTemplateId": "lt-1", "Version": "2"}
    assert started["DesiredConfiguration"] == {"LaunchTemplate": template}
    preferences = started["Preferences"]
    assert preferences["AutoRollback"] is True
    assert preferences["BakeTime"] == 120
    assert preferences["AlarmSpecification"] == {"Alarms": ["errors"]}


def test_a_group_that_has_the_version_is_left_alone(world):
    world.version = "2"
    assert world.invoke() == {"status": "UpToDate"}
    assert not world.started


def test_a_repeated_invocation_waits_for_the_refresh_of_the_first(world):
    world.in_progress("2")
    assert world.invoke() == {"status": "Successful"}
    assert not world.started


@pytest.mark.parametrize(("version", "status"), [("3", "InProgress"), ("2", "RollbackInProgress")])
def test_another_refresh_ends_first(world, version, status):
    world.in_progress(version, status)
    world.next = [{"Status": "RollbackSuccessful"}, {"Status": "Successful"}]
    assert world.invoke() == {"status": "Successful"}
    assert len(world.started) == 1


@pytest.mark.parametrize("status", ["RollbackSuccessful", "RollbackFailed", "Failed", "Cancelled"])
def test_a_failure_is_an_error_with_its_reason(world, status):
    ended = {"Status": status, "StatusReason": "an instance is unhealthy"}
    world.next = [{**ended, "RollbackDetails": {"RollbackReason": "it failed"}}]
    with pytest.raises(rollout.RefreshError) as failure:
        world.invoke()
    text = str(failure.value)
    assert f"version 2 of the launch template is not in service: {status}" in text
    assert "it failed. an instance is unhealthy" in text


def test_a_refresh_that_takes_too_long_is_rolled_back(world):
    world.next = [{"Status": "InProgress", "StatusReason": "waiting for i-1"}]
    with pytest.raises(rollout.RefreshError, match=r"is rolled back: InProgress, waiting for i-1"):
        world.invoke()
    assert world.rolled_back == 1


def test_a_rollback_that_takes_too_long_is_not_disturbed(world):
    world.next = [{"Status": "RollbackInProgress"}]
    with pytest.raises(rollout.RefreshError, match="rollback of an instance refresh has not ended"):
        world.invoke()
    assert world.rolled_back == 0


def test_a_missing_group_is_an_error(world):
    world.describe_auto_scaling_groups = lambda **_names: {"AutoScalingGroups": []}
    with pytest.raises(rollout.RefreshError, match="no group ledger"):
        world.invoke()
