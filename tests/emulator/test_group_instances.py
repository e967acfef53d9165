"""Instances of Auto Scaling groups run, are checked and replaced, and are refreshed."""

import base64
import hashlib
import json
import os
import signal

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import until, zipped
from tests.emulator.services import SERVER, Load, get
from tests.emulator.tasks import PATIENCE
from tests.emulator.test_load_balancers import Balancer

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Instances:
    """A launch template and a group `ledger` behind a load balancer."""

    def __init__(self, cloud):
        self.cloud, self.client = cloud, cloud.client("autoscaling")
        self.balancer = Balancer(cloud)
        self.artefact = zipped(server=SERVER)
        s3, iam = cloud.client("s3"), cloud.client("iam")
        s3.create_bucket(Bucket="artefacts")
        s3.put_object(Bucket="artefacts", Key="ledger.zip", Body=self.artefact)
        iam.create_role(RoleName="ledger", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.create_instance_profile(InstanceProfileName="ledger")
        iam.add_role_to_instance_profile(InstanceProfileName="ledger", RoleName="ledger")
        self.template = cloud.client("ec2").create_launch_template(
            LaunchTemplateName="ledger", LaunchTemplateData=self.data("1")
        )["LaunchTemplate"]["LaunchTemplateId"]

    @property
    def url(self) -> str:
        return self.balancer.url

    def data(self, version: str, fault: str = "", digest: str = "") -> dict:
        service = {
            "artefact": "s3://artefacts/ledger.zip",
            "sha256": digest or hashlib.sha256(self.artefact).hexdigest(),
            "command": ["python", "server.py"],
            "environment": {"VERSION": version, "FAULT": fault},
        }
        text = f"#!/bin/sh\n# service: {json.dumps(service)}\nexit 1\n"
        return {
            "InstanceType": "t4g.nano",
            "IamInstanceProfile": {"Name": "ledger"},
            "UserData": base64.b64encode(text.encode()).decode(),
        }

    def version(self, version: str, fault: str = "", digest: str = "") -> str:
        """Add a version of the template and return its number."""
        made = self.cloud.client("ec2").create_launch_template_version(
            LaunchTemplateId=self.template, LaunchTemplateData=self.data(version, fault, digest)
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def start(self, count: int = 2, version: str = "1") -> None:
        self.client.create_auto_scaling_group(
            AutoScalingGroupName="ledger",
            MinSize=0,
            MaxSize=4,
            DesiredCapacity=count,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": version},
            TargetGroupARNs=[self.balancer.blue],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=1,
            VPCZoneIdentifier="subnet-1",
        )

    def started(self, count: int = 2) -> "Instances":
        self.start(count)
        self.balancer.await_states(*["healthy"] * count)
        return self

    def group(self) -> dict:
        names = ["ledger"]
        found = self.client.describe_auto_scaling_groups(AutoScalingGroupNames=names)
        return found["AutoScalingGroups"][0]

    def names(self) -> set[str]:
        return {each["InstanceId"] for each in self.group()["Instances"]}

    def pids(self) -> set[int]:
        answers = [get(self.url)[1] for _ in range(20)]
        return {each["pid"] for each in answers if each}

    def versions(self) -> set[str]:
        return {get(self.url)[1].get("version", "") for _ in range(20)}

    def refresh(self, version: str, rollback: bool = True) -> str:
        template = {"LaunchTemplateId": self.template, "Version": version}
        return self.client.start_instance_refresh(
            AutoScalingGroupName="ledger",
            Preferences={"AutoRollback": rollback, "MinHealthyPercentage": 100},
            DesiredConfiguration={"LaunchTemplate": template},
        )["InstanceRefreshId"]

    def await_refresh(self, id_: str, status: str) -> None:
        def reached() -> bool:
            found = self.client.describe_instance_refreshes(
                AutoScalingGroupName="ledger", InstanceRefreshIds=[id_]
            )["InstanceRefreshes"]
            return found[0]["Status"] == status

        until(reached, PATIENCE)


@pytest.fixture
def instances(cloud):
    return Instances(cloud)


def test_an_instance_runs_its_artefact_with_the_role_of_its_profile(instances):
    instances.started(1)
    (name,) = instances.names()
    answer = get(instances.url, "/environment")[1]
    assert answer["version"] == "1"
    assert answer["environment"]["INSTANCE_ID"] == name
    arn = get(instances.url, "/identity")[1]["arn"]
    assert arn == f"arn:aws:sts::000000000000:assumed-role/ledger/{name}"
    assert instances.group()["TargetGroupARNs"] == [instances.balancer.blue]


def test_a_killed_instance_is_replaced(instances):
    instances.started()
    before, names = instances.pids(), instances.names()
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(instances.pids() - {min(before)}) == 2, PATIENCE)
    assert len(instances.names() - names) == 1


def test_an_instance_that_the_load_balancer_finds_unhealthy_is_replaced(instances):
    unhealthy = instances.version("1", fault="health")
    instances.start(1, unhealthy)
    (first,) = instances.names()
    until(lambda: instances.names() not in (set(), {first}), PATIENCE)


def test_an_instance_that_is_terminated_finishes_its_requests(instances):
    instances.started()
    with Load(instances.url, "/slow") as load:
        until(lambda: load.statuses()[200] > 2, PATIENCE)
        name = min(instances.names())
        instances.client.terminate_instance_in_auto_scaling_group(
            InstanceId=name, ShouldDecrementDesiredCapacity=True
        )
        until(lambda: len(instances.balancer.states()) == 1, PATIENCE)
    assert set(load.statuses()) == {200}
    assert instances.group()["DesiredCapacity"] == 1


def test_the_desired_capacity_starts_and_ends_processes(instances):
    instances.started(1)
    scale = instances.client.set_desired_capacity
    scale(AutoScalingGroupName="ledger", DesiredCapacity=3)
    instances.balancer.await_states(*["healthy"] * 3)
    scale(AutoScalingGroupName="ledger", DesiredCapacity=0)
    until(lambda: instances.balancer.states() == {}, PATIENCE)


def test_a_refresh_replaces_all_instances_without_a_failed_request(instances):
    instances.started()
    names = instances.names()
    with Load(instances.url) as load:
        instances.await_refresh(instances.refresh(instances.version("2")), "Successful")
        assert instances.versions() == {"2"}
    assert set(load.statuses()) == {200}
    assert not names & instances.names()
    assert instances.group()["LaunchTemplate"]["Version"] == "2"


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


def test_the_processes_end_with_their_group(instances):
    instances.started()
    pids = instances.pids()
    instances.client.delete_auto_scaling_group(AutoScalingGroupName="ledger", ForceDelete=True)

    def ended() -> bool:
        return not any(os.path.exists(f"/proc/{pid}") for pid in pids)

    until(ended, PATIENCE)


def test_stock_drops_the_target_groups(stock):
    instances = Instances(stock)
    instances.start()
    assert "TargetGroupARNs" not in instances.group()
    assert instances.balancer.states() == {}
