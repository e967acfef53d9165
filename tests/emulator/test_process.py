"""The emulator starts or fails with a clear message, and cleans up."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import pytest

from local.emulator import Emulator, EmulatorError
from local.emulator.process import PROJECT
from tests.emulator.cloud import Cloud, until

SLEEPER = """
import os, time
def handler(event, context):
    print(os.getpid())
    time.sleep(event)
"""


def running(process):
    """Return whether a process runs. A zombie does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True)
    return listed.stdout.strip()[:1] not in (b"", b"Z")


def children(process):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True)
    return [int(line) for line in listed.stdout.split()]


def descendants(process):
    own = children(process)
    return own + [each for child in own for each in descendants(child)]


def free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def temporary_files():
    return {path for path in Path(tempfile.gettempdir()).iterdir() if "pytest" not in path.name}


def test_a_stopped_emulator_leaves_no_process_port_or_file():
    before, processes = temporary_files(), set(descendants(os.getpid()))
    emulator = Emulator().start()
    port = emulator.port
    cloud = Cloud(emulator)
    cloud.function("f", SLEEPER)
    cloud.invoke("f", 0)
    assert len([each for each in descendants(os.getpid()) if each not in processes]) >= 2
    emulator.stop()
    assert set(filter(running, descendants(os.getpid()))) <= processes
    assert free(port)
    left = {path for path in temporary_files() - before if path.name.startswith(("coll", "mini"))}
    assert left == set()


def test_stop_does_not_wait_for_a_busy_function():
    with Emulator() as emulator:
        cloud = Cloud(emulator)
        cloud.function("f", SLEEPER, Timeout=60)
        cloud.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b"60")
        [process] = until(lambda: cloud.printed("f"))
        started = time.monotonic()
    assert time.monotonic() - started < 3
    assert not running(int(process))


def test_the_emulator_ends_with_a_killed_parent():
    source = """
from local.emulator import Emulator
from tests.emulator.cloud import Cloud
emulator = Emulator().start()
cloud = Cloud(emulator)
cloud.function("f", %r)
cloud.invoke("f", 0)
print(emulator.port, emulator.function_logs, flush=True)
input()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", source % SLEEPER],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    port, logs = parent.stdout.readline().split()
    below = descendants(parent.pid)
    assert len(below) == 2  # the server and the function
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    until(lambda: not any(map(running, below)))
    assert free(int(port))
    until(lambda: not Path(logs).parent.exists())


def test_a_signal_stops_the_server_cleanly(tmp_path):
    command = [sys.executable, "-m", "local.emulator", "--runtime", sys.executable]
    server = subprocess.Popen(
        [*command, "--folder", str(tmp_path)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout.readline().startswith("ready ")
    server.terminate()
    _, errors = server.communicate()
    assert server.returncode == 0
    assert "Traceback" not in errors
    assert not (tmp_path / "tmp").exists()


def test_a_port_in_use_is_reported():
    with Emulator() as first:
        with pytest.raises(EmulatorError, match=f"^port {first.port} is in use$"):
            Emulator(port=first.port).start()
        assert first.client("sqs").list_queues()


def test_the_same_port_can_be_used_again_immediately():
    with Emulator() as emulator:
        emulator.client("sqs").list_queues()
        port = emulator.port
    with Emulator(port=port) as again:
        assert again.port == port


def test_only_this_machine_can_connect(shared_emulator):
    command = ["ss", "-Hltn", f"sport = :{shared_emulator.port}"]
    try:
        sockets = subprocess.run(command, capture_output=True, text=True).stdout
    except FileNotFoundError:
        pytest.skip("ss is not installed")
    assert sockets.split()[3] == f"127.0.0.1:{shared_emulator.port}"


def test_a_missing_interpreter_is_reported(tmp_path):
    with pytest.raises(EmulatorError, match=r"no interpreter for Lambda functions at .*nowhere"):
        Emulator(runtime=tmp_path / "nowhere").start()


def test_a_server_that_fails_reports_the_reason(monkeypatch, tmp_path):
    monkeypatch.setattr("local.emulator.process.PROJECT", tmp_path)
    with pytest.raises(EmulatorError, match=r"did not become ready.*\n.*No module named .*local"):
        Emulator().start()


def test_another_version_of_ministack_is_refused(tmp_path):
    source = """
import importlib.metadata
importlib.metadata.version = lambda name: "9.9.9"
from local.emulator.__main__ import main
main()
"""
    command = [sys.executable, "-c", source, "--runtime", "python", "--folder", str(tmp_path)]
    refused = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert refused.stderr == "error: the patches fit ministack 1.5.33, but 9.9.9 is installed\n"
    assert refused.returncode == 2


def test_a_given_folder_keeps_the_logs(tmp_path):
    with Emulator(folder=tmp_path / "cloud") as emulator:
        cloud = Cloud(emulator)
        cloud.function("f", SLEEPER)
        cloud.invoke("f", 0)
    [entry] = map(json.loads, (tmp_path / "cloud/function-logs.jsonl").read_text().splitlines())
    assert set(entry) == {"time", "function", "line"}
    assert sorted(path.name for path in (tmp_path / "cloud").iterdir()) == [
        "emulator.log",
        "function-logs.jsonl",
    ]


def test_reset_removes_everything(cloud):
    cloud.queue("q")
    cloud.table()
    cloud.function("f", SLEEPER)
    cloud.emulator.reset()
    assert not cloud.client("sqs").list_queues().get("QueueUrls")
    assert not cloud.client("dynamodb").list_tables()["TableNames"]
    assert not cloud.client("lambda").list_functions()["Functions"]
    assert not cloud.client("iam").list_roles()["Roles"]


def test_the_callers_aws_settings_have_no_effect(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "stale")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SERVICES", "s3")
    with Emulator() as emulator:
        identity = emulator.client("sts").get_caller_identity()
        assert identity["Arn"] == "arn:aws:iam::000000000000:root"
        assert emulator.client("sqs").list_queues()


def test_clients_are_cached_and_credentials_are_checked(shared_emulator):
    assert shared_emulator.client("sqs") is shared_emulator.client("sqs")
    assert shared_emulator.client("sqs", "eu-west-1").meta.region_name == "eu-west-1"
    stranger = {"aws_access_key_id": "AKIASTRANGER", "aws_secret_access_key": "x"}
    with pytest.raises(boto3.exceptions.botocore.exceptions.ClientError, match="invalid"):
        shared_emulator.client("sts", **stranger).get_caller_identity()
