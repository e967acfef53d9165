"""Instances of Auto Scaling groups run, are checked and replaced."""

import base64
import os
import signal

from tests.emulator.cloud import until
from tests.emulator.instances import Instances
from tests.emulator.services import Load, get
from tests.emulator.tasks import PATIENCE


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


def test_a_group_with_an_incomplete_line_says_what_is_missing(instances):
    data = base64.b64encode(b'# service: {"artefact": "s3://artefacts/ledger.zip"}').decode()
    made = instances.cloud.client("ec2").create_launch_template_version(
        LaunchTemplateId=instances.template, LaunchTemplateData={"UserData": data}
    )
    instances.start(1, str(made["LaunchTemplateVersion"]["VersionNumber"]))
    (name,) = instances.names()
    log = instances.cloud.emulator.server_log
    until(lambda: f"instance {name} of ledger: 'sha256'" in log.read_text(), PATIENCE)


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


def test_the_output_is_written_to_the_log_group_of_the_user_data(instances):
    logs = instances.cloud.client("logs")
    logs.create_log_group(logGroupName="ledger")
    instances.start(1, instances.version("7", log_group="ledger"))
    (name,) = instances.names()

    def written():
        streams = logs.describe_log_streams(logGroupName="ledger")["logStreams"]
        if name not in [each["logStreamName"] for each in streams]:
            return []
        events = logs.get_log_events(logGroupName="ledger", logStreamName=name)["events"]
        return [each["message"] for each in events]

    until(lambda: "serving 7" in written(), PATIENCE)
