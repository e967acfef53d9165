"""Tasks run, as processes of this machine with the credentials of their role."""

import os
import signal

import pytest

from local.emulator import Emulator
from tests.emulator.cloud import Cloud, until
from tests.emulator.images import layer, push
from tests.emulator.services import Load, get
from tests.emulator.tasks import PATIENCE, Tasks


@pytest.fixture
def tasks(cloud):
    return Tasks(cloud)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def test_a_task_runs_its_image_with_its_variables_role_and_log(tasks):
    tasks.start("7", count=1)
    answer = get(tasks.url, "/environment")[1]
    environment = answer["environment"]
    assert answer["version"] == "7"
    assert answer["folder"].endswith("/app")
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["ECS_CONTAINER_METADATA_URI_V4"].startswith("http://127.0.0.1:")
    assert not any(name.startswith(("MINISTACK", "COLONNADE")) for name in environment)
    assert "AWS_SECRET_ACCESS_KEY" not in environment
    (task,) = tasks.running()
    arn = get(tasks.url, "/identity")[1]["arn"]
    assert arn == f"arn:aws:sts::000000000000:assumed-role/task/{task.rpartition('/')[2]}"
    until(lambda: tasks.logged("7") == ["serving 7"])


def test_the_credentials_of_a_task_need_its_token(tasks):
    tasks.start(count=1)
    environment = get(tasks.url, "/environment")[1]["environment"]
    url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    endpoint, _slash, path = url.partition("/v2/")
    assert get(endpoint, f"/v2/{path}")[0] == 403


def test_a_later_layer_replaces_and_removes_files(cloud, tasks):
    ecr = cloud.client("ecr")
    first = layer(server__py="raise SystemExit('old')", old__txt="", server__txt="")
    second = layer(server__py="import os\nprint(sorted(os.listdir()))", **{"__wh__old__txt": ""})
    tasks.image = push(ecr, "catalogue", first, second)
    tasks.client.run_task(cluster="shop", taskDefinition=tasks.definition("layers"))
    until(lambda: tasks.logged("layers") == ["['server.py', 'server.txt']"], PATIENCE)


def test_command_of_the_definition_with_paths_of_the_image(tasks):
    command = ["python", "/app/server.py", "a:b"]
    definition = tasks.definition("paths", "exit", command=command, workingDirectory="/")
    tasks.client.run_task(cluster="shop", taskDefinition=definition)
    until(lambda: tasks.logged("paths") == ["cannot start"], PATIENCE)


def test_a_task_whose_image_was_not_pushed_says_so(tasks):
    tasks.image = tasks.image.partition("@")[0] + "@sha256:" + "0" * 64
    made = tasks.client.run_task(cluster="shop", taskDefinition=tasks.definition("1"))["tasks"][0]

    def reason() -> str:
        found = tasks.client.describe_tasks(cluster="shop", tasks=[made["taskArn"]])["tasks"][0]
        return found.get("stoppedReason", "")

    assert "the emulated ECR has no image" in until(reason, PATIENCE)


def test_a_killed_task_is_replaced_under_load(tasks):
    tasks.start()
    before = tasks.pids()
    assert len(before) == 2
    with Load(tasks.url) as load:
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(tasks.pids() - {min(before)}) == 2, PATIENCE)
        seen = load.statuses()
        until(lambda: load.statuses()[200] > seen[200] + 20, PATIENCE)
    # 502 for a request to the killed task, or (0) an answer that it had begun.
    assert set(load.statuses()) <= {200, 502, 0}


def test_a_stopped_task_finishes_its_requests(tasks):
    tasks.start()
    with Load(tasks.url, "/slow") as load:
        until(lambda: load.statuses()[200] > 2, PATIENCE)
        tasks.client.stop_task(cluster="shop", task=tasks.running()[0])
        until(lambda: "stopped" in tasks.logged("1"), PATIENCE)
    assert set(load.statuses()) == {200}
    assert "stopping" in tasks.logged("1")


def test_a_task_that_ignores_the_signal_is_killed_after_its_stop_timeout(tasks):
    source = "import signal,time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready')\ntime.sleep(99)"
    command = ["python", "-c", f"import os; print(os.getpid())\n{source}"]
    definition = tasks.definition("deaf", command=command, stopTimeout=2)
    made = tasks.client.run_task(cluster="shop", taskDefinition=definition)["tasks"][0]
    until(lambda: "ready" in tasks.logged("deaf"), PATIENCE)
    pid = int(tasks.logged("deaf")[0])
    tasks.client.stop_task(cluster="shop", task=made["taskArn"])
    assert alive(pid)
    until(lambda: not alive(pid), PATIENCE)


def test_tasks_end_with_the_emulator_also_if_it_is_killed():
    with Emulator() as emulator:
        tasks = Tasks(Cloud(emulator))
        tasks.start()
        pids = tasks.pids()
        assert len(pids) == 2 and all(map(alive, pids))
        emulator._server.kill()
        until(lambda: not any(map(alive, pids)))


def test_tasks_end_with_a_reset(cloud, tasks):
    tasks.start()
    pids = tasks.pids()
    cloud.emulator.reset()
    until(lambda: not any(map(alive, pids)))


def test_stock_says_that_a_task_runs_although_nothing_does(stock):
    tasks = Tasks(stock)
    definition = tasks.definition("1", "exit")
    made = tasks.client.run_task(cluster="shop", taskDefinition=definition)["tasks"][0]
    assert made["lastStatus"] == "RUNNING"
