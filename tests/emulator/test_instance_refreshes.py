"""An instance refresh replaces the instances of a group, and rolls back."""

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import until, zipped
from tests.emulator.instances import Instances
from tests.emulator.services import SERVER, Load
from tests.emulator.tasks import PATIENCE


def test_a_refresh_replaces_all_instances_without_a_failed_request(instances):
    instances.started()
    names = instances.names()
    with Load(instances.url) as load:
        instances.await_refresh(instances.refresh(instances.version("2")), "Successful")
        assert instances.versions() == {"2"}
    assert set(load.statuses()) == {200}
    assert not names & instances.names()
    assert instances.group()["LaunchTemplate"]["Version"] == "2"


def test_a_refresh_waits_for_an_instance_that_unpacks_a_large_artefact(instances):
    instances.started(1)
    files = {f"part_{number}": "" for number in range(5_000)}
    instances.store(zipped(server=SERVER, **files))
    instances.await_refresh(instances.refresh(instances.version("2")), "Successful")
    assert instances.versions() == {"2"}


@pytest.mark.parametrize("fault", ["exit", "health"])
def test_a_refresh_with_a_broken_version_is_rolled_back(instances, fault):
    instances.started()
    names = instances.names()
    with Load(instances.url) as load:
        refresh = instances.refresh(instances.version("2", fault))
        instances.await_refresh(refresh, "RollbackSuccessful")
    assert set(load.statuses()) == {200} and set(load.versions()) == {"1"}
    assert instances.names() == names
    assert instances.group()["LaunchTemplate"]["Version"] == "1"


def test_a_refresh_with_another_artefact_than_its_digest_is_rolled_back(instances):
    instances.started(1)
    refresh = instances.refresh(instances.version("2", digest="0" * 64))
    instances.await_refresh(refresh, "RollbackSuccessful")
    assert "has another digest" in instances.cloud.emulator.server_log.read_text()


def test_an_alarm_rolls_back_a_version_that_fails_while_it_bakes(instances):
    instances.started()
    suffixes = [arn.split(":")[-1] for arn in (instances.balancer.arn, instances.balancer.blue)]
    instances.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=[
            {"Name": "LoadBalancer", "Value": suffixes[0].removeprefix("loadbalancer/")},
            {"Name": "TargetGroup", "Value": suffixes[1]},
        ],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    with Load(instances.url) as load:
        refresh = instances.refresh(
            instances.version("2", "answers"),
            AlarmSpecification={"Alarms": ["errors"]},
            BakeTime=1800,
        )
        ended = instances.await_refresh(refresh, "RollbackSuccessful")
    assert "alarm" in ended["RollbackDetails"]["RollbackReason"]
    assert load.statuses().keys() == {200, 500} and instances.versions() == {"1"}
    assert instances.group()["LaunchTemplate"]["Version"] == "1"


def test_a_call_rolls_back_the_refresh_that_is_in_progress(instances):
    instances.started(1)
    version = instances.version("2")
    with pytest.raises(ClientError, match="No instance refresh is in progress"):
        instances.client.rollback_instance_refresh(AutoScalingGroupName="ledger")
    refresh = instances.refresh(version, BakeTime=1800)
    until(lambda: instances.described(refresh)["Status"] == "Baking", PATIENCE)
    desired = instances.described(refresh)["DesiredConfiguration"]["LaunchTemplate"]
    assert desired == {"LaunchTemplateId": instances.template, "Version": version}
    with pytest.raises(ClientError, match="in progress"):
        instances.refresh(version)
    instances.client.rollback_instance_refresh(AutoScalingGroupName="ledger")
    instances.await_refresh(refresh, "RollbackSuccessful")
    assert instances.versions() == {"1"}


def test_a_rollback_needs_a_numbered_version_with_an_ami(instances):
    instances.started(1)

    def refused(**desired: object) -> str:
        with pytest.raises(ClientError) as refusal:
            instances.client.start_instance_refresh(
                AutoScalingGroupName="ledger", Preferences={"AutoRollback": True}, **desired
            )
        return refusal.value.response["Error"]["Message"]

    def version(number: str) -> dict:
        template = {"LaunchTemplateId": instances.template, "Version": number}
        return {"DesiredConfiguration": {"LaunchTemplate": template}}

    by_parameter = instances.cloud.client("ec2").create_launch_template_version(
        LaunchTemplateId=instances.template,
        LaunchTemplateData={**instances.data("2"), "ImageId": "resolve:ssm:/aws/ami"},
    )["LaunchTemplateVersion"]["VersionNumber"]
    assert "DesiredConfiguration parameter is empty" in refused()
    assert "numbered versions" in refused(**version("$Latest"))
    assert "AMI ID" in refused(**version(str(by_parameter)))


def test_stock_says_at_once_that_a_refresh_is_successful(stock):
    instances = Instances(stock)
    instances.start()
    instances.await_refresh(instances.refresh(instances.version("2", "exit")), "Successful")
