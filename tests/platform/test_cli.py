"""`python -m local up` and `down`, as real processes."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator.clients import Clients
from local.folder import Folder
from tests.projects import copy_program, free_port

ROOT = Path(__file__).resolve().parents[2]
LOCAL = [sys.executable, "-u", "-m", "local"]


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return the first true result of `condition`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)
    return found


class Up:
    """A project folder and the `up` processes that were started in it."""

    def __init__(self, project: Path, port: int) -> None:
        self.project, self.port = project, port
        self.temporary = project.parent / "temporary"
        self.temporary.mkdir()
        self.processes: list[subprocess.Popen] = []

    def command(self, *arguments: str) -> list[str]:
        return [*LOCAL, "--project", str(self.project), *arguments]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.temporary)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *arguments: str, ready: bool = True) -> subprocess.Popen:
        with (self.project / "up.log").open("w") as log:
            process = subprocess.Popen(
                self.command("up", "--port", str(self.port), *arguments),
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        if ready:
            until(lambda: "press Ctrl-C to stop" in self.log() or process.poll() is not None)
            assert process.poll() is None, self.log()
        return process

    def log(self) -> str:
        return (self.project / "up.log").read_text()

    def outputs(self) -> dict:
        return json.loads((self.project / ".local/outputs.json").read_text())

    def client(self, service: str):
        secret = Folder(self.project).secret()
        return Clients(f"http://127.0.0.1:{self.port}", secret).get(service, "us-east-1", {})

    def answer(self) -> Any:
        function = self.outputs()["hello"]["function"]
        return json.load(self.client("lambda").invoke(FunctionName=function)["Payload"])

    def leftovers(self) -> list[str]:
        """Return the remaining processes, files and ports of a run that has ended."""
        left = [str(each) for each in self.temporary.iterdir()]
        left += processes_naming(str(self.temporary)) + processes_naming(str(self.project))
        for name in ("outputs.json", "env"):
            left += [name] if (self.project / ".local" / name).exists() else []
        return left + (["port"] if listening(self.port) else [])

    def close(self) -> None:
        self.run("down")
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes_naming(text: str) -> list[str]:
    """Return other processes whose command, folder or environment contains `text`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            about += os.fsencode(os.readlink(process / "cwd"))
        except OSError:
            continue
        if text.encode() in about and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_text(errors="replace").replace("\0", " "))
    return found


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def up(tmp_path: Path, port: int) -> Iterator[Up]:
    up = Up(copy_program("hello", tmp_path / "project"), port)
    yield up
    up.close()


def test_up_shows_progress_and_a_summary_and_ctrl_c_removes_everything(up):
    process = up.start()
    log = up.log()
    assert "not emulated: aws:schemas/registry:Registry: the emulator has no schema" in log
    assert re.search(r"^greeter +2 resources  [0-9.]+ s$", log, re.MULTILINE)
    assert f"function  {up.outputs()['hello']['function']}" in log
    assert "password  [secret]" in log and "hunter2" not in log
    assert f"endpoint  http://127.0.0.1:{up.port}" in log
    assert "ready in " in log and "3 resources" in log
    assert up.outputs()["hello"]["password"] == "hunter2"
    assert (up.project / ".local/outputs.json").stat().st_mode & 0o777 == 0o600
    assert up.answer() == "hello"
    until(lambda: f"{up.outputs()['hello']['function']}  said hello" in up.log())
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=15) == 0
    assert until(lambda: up.leftovers() == [])
    assert "Traceback" not in up.log()


def test_ctrl_c_during_the_start_removes_everything(up):
    (up.project / "__main__.py").write_text(
        "import time\nprint('started', flush=True)\ntime.sleep(60)"
    )
    process = up.start(ready=False)
    until(lambda: "started" in up.log())
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=15) == 130
    assert until(lambda: up.leftovers() == [])
    assert "Traceback" not in up.log()


def test_env_points_the_aws_cli_at_the_emulator_and_changes_nothing_else(up):
    up.start()
    script = """
        export AWS_PROFILE=production AWS_SESSION_TOKEN=real PATH=/usr/bin:/bin KEPT=1
        source .local/env; source .local/env
        echo "$KEPT $AWS_REGION"; env | grep -c 'AWS_PROFILE\\|AWS_SESSION_TOKEN'
        aws lambda list-functions --query 'Functions[].FunctionName' --output text
        curl -s "$COLONNADE_MAILS" | grep -c '"messages"'
    """
    done = subprocess.run(
        ["bash", "-c", script], cwd=up.project, capture_output=True, text=True, timeout=60
    )
    function = up.outputs()["hello"]["function"]
    assert done.stdout.splitlines() == ["1 us-east-1", "0", function, "1"], done.stderr


def test_detached_up_a_second_up_and_down(up):
    first = up.run("up", "--port", str(up.port), "--detach")
    assert first.returncode == 0, first.stderr
    assert "ready in " in first.stdout and "running in the background" in first.stdout
    assert up.answer() == "hello"
    until(lambda: "said hello" in (up.project / ".local/log").read_text())
    for arguments in ([], ["--detach"]):
        second = up.run("up", "--port", "0", *arguments)
        assert second.returncode == 1
        assert second.stderr.startswith("error: already running as process ")
        assert "`make down` stops it" in second.stderr
        assert second.stderr.count("\n") == 1
    assert up.answer() == "hello"
    down = up.run("down")
    assert (down.returncode, down.stdout) == (0, "stopped\n")
    assert until(lambda: up.leftovers() == [], seconds=2)
    again = up.run("down")
    assert (again.returncode, again.stdout) == (0, "nothing is running\n")


def test_a_detached_up_that_fails_prints_the_reason_and_returns_1(up):
    (up.project / "__main__.py").write_text("raise ValueError('size must be positive')")
    done = up.run("up", "--port", str(up.port), "--detach")
    assert done.returncode == 1
    assert "error: size must be positive\n" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert up.leftovers() == []


def test_a_killed_up_does_not_block_the_next_one(up):
    up.start().kill()
    until(lambda: not listening(up.port))
    assert until(lambda: not list(up.temporary.iterdir()) or None)
    up.start()
    assert up.answer() == "hello"


@pytest.mark.parametrize(
    ("prepare", "arguments", "expected"),
    [
        (lambda up: None, ["--stack", "qa"], "unknown stack 'qa': there is no Pulumi.qa.yaml; "
         "the stacks here are dev"),
        (lambda up: (up.project / "Pulumi.yaml").write_text("name: [x"), [], "Pulumi.yaml: while"),
        (lambda up: (up.project / "Pulumi.yaml").unlink(), [], "Pulumi.yaml: no such file"),
        (
            lambda up: (up.project / "Pulumi.dev.yaml").write_text("config:\n  count: many"),
            [],
            'Pulumi.dev.yaml: `sample:count` must be of type integer, found "many"',
        ),
        (
            lambda up: (up.project / "Pulumi.dev.yaml").write_text(
                "config:\n  sample:greeting:\n    secure: AAA"
            ),
            [],
            "Pulumi.dev.yaml: `sample:greeting` is encrypted",
        ),
        (lambda up: (up.project / "__main__.py").unlink(), [], "__main__.py"),
        (
            lambda up: (up.project / "handlers/hello/app.py").write_text("def (:"),
            [],
            "handlers/hello",
        ),
    ],
    ids=["stack", "yaml", "no-yaml", "type", "secure", "no-program", "handler"],
)  # fmt: skip
def test_an_error_is_one_clear_line(up, prepare, arguments, expected):
    prepare(up)
    done = up.run("up", "--port", "0", *arguments)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and expected in errors[0], done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert up.leftovers() == []


def test_a_port_in_use_is_one_clear_line(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        taken.listen()
        done = up.run("up", "--port", str(up.port))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and str(up.port) in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_saved_handler_is_reloaded_and_a_broken_one_is_not(up):
    up.start()
    handler, code = (
        up.project / "handlers/hello/app.py",
        "def handler(event, context):\n    return ",
    )
    assert up.answer() == "hello"
    time.sleep(0.5)  # for the file watcher, which does not report that it is ready
    saved = time.monotonic()
    handler.write_text(code + "'changed'\n")
    until(lambda: up.answer() == "changed", seconds=10)
    assert time.monotonic() - saved < 2
    name = up.outputs()["hello"]["function"]
    assert f"{name}: reloaded" in up.log()
    handler.write_text(code + "(\n")
    until(lambda: "handlers/hello/app.py:2: '(' was never closed; the old code is kept" in up.log())
    assert up.answer() == "changed"
    handler.write_text(code + "'repaired'\n")
    until(lambda: up.answer() == "repaired")


def test_on_a_terminal_progress_is_live(up):
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        up.command("up", "--port", str(up.port)),
        cwd=ROOT,
        env={**up.environment(), "TERM": "xterm", "COLUMNS": "100"},
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
        start_new_session=True,
    )
    up.processes.append(process)
    os.close(secondary)
    shown = b""
    while b"press Ctrl-C to stop" not in shown:
        shown += os.read(primary, 65536)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    os.close(primary)
    assert b"\x1b[" in shown and b"greeter" in shown and b"not emulated" in shown


def test_up_ends_if_the_emulator_ends(up):
    process = up.start()
    servers = [
        int(each.name)
        for each in Path("/proc").glob("[0-9]*")
        if f"--port\0{up.port}\0" in command(each) and "local.emulator" in command(each)
    ]
    os.kill(servers[0], signal.SIGKILL)
    assert process.wait(timeout=15) == 1
    assert "error: the emulator ended" in up.log() and "Traceback" not in up.log()


def command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""
