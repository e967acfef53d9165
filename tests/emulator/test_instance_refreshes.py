"""An instance refresh replaces the instances of a group, and rolls back."""

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import zipped
from tests.emulator.instances import Instances
from tests.emulator.services import SERVER, Load


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
