"""Deployments of a service are judged by the health of its targets and by alarms."""

import time

import pytest

from local.emulator import Emulator
from tests.emulator.cloud import Cloud, until
from tests.emulator.services import Load, get
from tests.emulator.tasks import PATIENCE, Tasks

BREAKER = {"enable": True, "rollback": True}
ROLLING = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": BREAKER,
}


@pytest.fixture
def tasks(cloud):
    return Tasks(cloud, deploymentConfiguration=ROLLING)


def test_a_rolling_deployment_under_load_fails_no_request(tasks):
    tasks.start("1")
    with Load(tasks.url) as load:
        until(lambda: load.versions()["1"] > 20, PATIENCE)
        tasks.deploy("2")
        tasks.await_stable()
        assert {get(tasks.url)[1]["version"] for _ in range(20)} == {"2"}
        until(lambda: "stopped" in tasks.logged("1"), PATIENCE)
    assert set(load.statuses()) == {200}
    assert set(load.versions()) == {"1", "2"}


@pytest.mark.parametrize("fault", ["exit", "health"])
def test_a_version_that_never_becomes_healthy_is_rolled_back(cloud, fault):
    tasks = Tasks(cloud, deploymentConfiguration=ROLLING)
    tasks.start("1")
    tasks.client.update_service(
        cluster="shop", service="catalogue", healthCheckGracePeriodSeconds=1
    )
    with Load(tasks.url) as load:
        failed = tasks.deploy("2", fault)
        tasks.await_rollout(failed, "FAILED")
        tasks.await_stable()
    assert set(load.versions()) == {"1"} and set(load.statuses()) == {200}
    assert "circuit breaker" in tasks.deployment(failed)["rolloutStateReason"]
    assert "rolled back" in tasks.service()["events"][0]["message"]
    assert tasks.service()["taskDefinition"].endswith(":1")


def test_tasks_that_keep_failing_restart_more_and_more_slowly(cloud):
    tasks = Tasks(cloud)
    tasks.client.create_service(
        cluster="shop",
        serviceName="catalogue",
        taskDefinition=tasks.definition("1", "exit"),
        desiredCount=1,
        launchType="FARGATE",
    )
    began = time.monotonic()

    def stopped() -> list[str]:
        wanted = {"cluster": "shop", "serviceName": "catalogue", "desiredStatus": "STOPPED"}
        return tasks.client.list_tasks(**wanted)["taskArns"]

    until(lambda: len(stopped()) >= 4, PATIENCE)
    # After 0.1, 0.2 and 0.4 s.
    assert time.monotonic() - began > 0.7


class Canary:
    """A service with two target groups, whose deployments shift requests."""

    def __init__(self, cloud, strategy: str, **settings: object):
        names = ["errors-blue", "errors-green"]
        alarms = {"alarmNames": names, "enable": True, "rollback": True}
        configuration = {
            **ROLLING,
            "strategy": strategy,
            "alarms": alarms,
            "bakeTimeInMinutes": 0,
            **settings,
        }
        self.tasks = Tasks(cloud, deploymentConfiguration=configuration)
        self.balancer = self.tasks.balancer
        groups = [
            {"TargetGroupArn": self.balancer.blue, "Weight": 100},
            {"TargetGroupArn": self.balancer.green, "Weight": 0},
        ]
        self.rule = self.balancer.client.create_rule(
            ListenerArn=self.balancer.listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        )["Rules"][0]["RuleArn"]
        for name, group in zip(names, (self.balancer.blue, self.balancer.green), strict=True):
            cloud.client("cloudwatch").put_metric_alarm(
                AlarmName=name,
                Namespace="AWS/ApplicationELB",
                MetricName="HTTPCode_Target_5XX_Count",
                Dimensions=[
                    {
                        "Name": "LoadBalancer",
                        "Value": self.balancer.arn.partition("loadbalancer/")[2],
                    },
                    {"Name": "TargetGroup", "Value": group.rpartition(":")[2]},
                ],
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=0,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="notBreaching",
            )
        advanced = {
            "alternateTargetGroupArn": self.balancer.green,
            "productionListenerRule": self.rule,
            "roleArn": self.tasks.role,
        }
        self.tasks.start("1", advancedConfiguration=advanced)

    def weights(self) -> list[int]:
        """The weights of blue and green."""
        rule = self.balancer.client.describe_rules(RuleArns=[self.rule])["Rules"][0]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        found = {each["TargetGroupArn"]: each["Weight"] for each in groups}
        return [found[self.balancer.blue], found[self.balancer.green]]

    def shifts(self) -> list[str]:
        """The percentages of the requests that new versions got, with their groups."""
        shifted = [each.split() for each in self.tasks.events() if "has shifted" in each]
        return [f"{words[4]} {words[-1].rstrip('.')}" for words in shifted]


def canary(percent: float, minutes: int) -> dict:
    return {"canaryConfiguration": {"canaryPercent": percent, "canaryBakeTimeInMinutes": minutes}}


def test_a_good_canary_takes_over_without_a_failed_request(cloud):
    made = Canary(cloud, "CANARY", **canary(20.0, 1))
    with Load(made.tasks.url) as load:
        made.tasks.deploy("2")
        made.tasks.await_stable()
        assert made.shifts() == ["20 green", "100 green"]
        assert made.weights() == [0, 100]
        assert get(made.tasks.url)[1]["version"] == "2"
        # The next one goes back to the first group.
        made.tasks.deploy("3")
        made.tasks.await_stable()
    assert made.shifts()[2:] == ["20 blue", "100 blue"]
    assert made.weights() == [100, 0]
    assert set(load.statuses()) == {200}


def test_a_canary_that_answers_500_is_rolled_back_by_the_alarm(cloud):
    # Its bake time is longer than the test may take: only the alarm ends it.
    made = Canary(cloud, "CANARY", **canary(25.0, 60))
    with Load(made.tasks.url) as load:
        failed = made.tasks.deploy("2", "answers")
        made.tasks.await_rollout(failed, "FAILED")
        assert made.weights() == [100, 0]
        made.tasks.await_stable()
        seen = load.statuses()
        until(lambda: load.statuses()[200] > seen[200] + 50, PATIENCE)
        assert load.statuses()[500] == seen[500] > 0
    assert set(load.statuses()) == {200, 500}
    assert "alarm" in made.tasks.deployment(failed)["rolloutStateReason"]
    assert made.tasks.service()["taskDefinition"].endswith(":1")


def test_a_linear_deployment_goes_in_steps(cloud):
    steps = {"stepPercent": 40.0, "stepBakeTimeInMinutes": 1}
    made = Canary(cloud, "LINEAR", linearConfiguration=steps)
    made.tasks.deploy("2")
    made.tasks.await_stable()
    assert made.shifts() == ["40 green", "80 green", "100 green"]
    assert get(made.tasks.url)[1]["version"] == "2"


def test_a_blue_green_deployment_goes_in_one_step(cloud):
    made = Canary(cloud, "BLUE_GREEN")
    made.tasks.deploy("2")
    made.tasks.await_stable()
    assert made.shifts() == ["100 green"]
    assert get(made.tasks.url)[1]["version"] == "2"


def test_stock_completes_a_version_that_is_never_healthy():
    with Emulator(unpatched={"service_deployments"}) as emulator:
        tasks = Tasks(Cloud(emulator), deploymentConfiguration=ROLLING)
        tasks.start("1")
        broken = tasks.deploy("2", "health")
        tasks.await_rollout(broken, "COMPLETED")
