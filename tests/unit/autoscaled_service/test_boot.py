"""The boot of an instance, in a folder instead of /, with programs of the system that record."""

import ast
import hashlib
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from components.autoscaled_service import boot

AGENT = "amazon-cloudwatch-agent-ctl"
PROGRAMS = ("dnf", "useradd", "aws", "mount", "systemctl", AGENT)
MOUNT = {"file_system_id": "fs-1", "access_point_id": "fsap-1", "path": "/mnt/files"}
STRANGE = "a \"b\" 'c' \\ $HOME `id` % # é"
RECORD = """#!/bin/sh
echo "$(basename "$0") $*" >> "$RECORDED"
if [ -e "$RECORDED.fail-$(basename "$0")" ]; then
    rm "$RECORDED.fail-$(basename "$0")"
    exit 1
fi
if [ "$(basename "$0")" = aws ]; then
    for target; do :; done
    cp "$RECORDED.zip" "$target"
fi
"""


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("app.py", "print('serving')\n")
    return content.getvalue()


class Machine:
    """A folder with the files of an instance, and the calls of programs."""

    def __init__(self, folder: Path):
        self.root, programs = folder / "root", folder / "programs"
        self.recorded = folder / "recorded"
        agent = self.root / "opt/aws/amazon-cloudwatch-agent/bin"
        for each in (programs, agent, self.root / "etc"):
            each.mkdir(parents=True)
        for name in PROGRAMS:
            file = (agent if name == AGENT else programs) / name
            file.write_text(RECORD)
            file.chmod(0o755)
        self.path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.store(archive())

    def store(self, content: bytes) -> None:
        Path(f"{self.recorded}.zip").write_bytes(content)

    def fail_once(self, program: str) -> None:
        Path(f"{self.recorded}.fail-{program}").touch()

    def boot(self, **settings: object) -> None:
        given = {
            "artefact": "s3://bucket/ledger.zip",
            "sha256": hashlib.sha256(archive()).hexdigest(),
            "command": ["python", "-m", "service_server", "app:handler"],
            "environment": {"PORT": "8080"},
            "python": "3.13",
            "region": "eu-west-1",
            "log_group": "ledger-logs",
            "stop_seconds": 45,
            "mounts": [],
            **settings,
        }
        boot.Boot(given, self.root).run()

    @property
    def calls(self) -> list[str]:
        return self.recorded.read_text().replace(str(self.root), "").splitlines()

    def text(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", made.path)
    monkeypatch.setenv("RECORDED", str(made.recorded))
    monkeypatch.setattr(boot, "PAUSE_SECONDS", 0)
    return made


def test_it_runs_on_the_python_of_the_system():
    ast.parse(Path(boot.__file__).read_text(), feature_version=(3, 9))


def test_packages_code_and_service_are_installed_in_this_order(machine: Machine):
    machine.boot()
    agent, config = "/opt/aws/amazon-cloudwatch-agent", "etc/service.json"
    assert machine.calls == [
        "dnf install --assumeyes --quiet python3.13 amazon-cloudwatch-agent logrotate",
        "useradd --system --no-create-home --shell /sbin/nologin service",
        f"{AGENT} -a fetch-config -m ec2 -s -c file:{agent}/{config}",
        "aws s3 cp --only-show-errors --region eu-west-1 s3://bucket/ledger.zip "
        "/opt/service/code.zip",
        "systemctl daemon-reload",
        "systemctl enable --now logrotate.timer service.service",
    ]
    assert machine.text("/opt/service/code/app.py") == "print('serving')\n"
    assert not (machine.root / "opt/service/code.zip").exists()


def test_logs_of_the_service_and_of_the_boot_go_to_cloudwatch(machine: Machine):
    machine.boot()
    config = json.loads(machine.text("/opt/aws/amazon-cloudwatch-agent/etc/service.json"))
    files = config["logs"]["logs_collected"]["files"]["collect_list"]
    assert {each["file_path"]: each["log_stream_name"] for each in files} == {
        "/var/log/service/service.log": "{instance_id}",
        "/var/log/cloud-init-output.log": "{instance_id}/boot",
    }
    assert {each["log_group_name"] for each in files} == {"ledger-logs"}
    assert "/var/log/service/*.log {" in machine.text("/etc/logrotate.d/service")
    assert "append:/var/log/service/service.log" in unit(machine)


def unit(machine: Machine) -> str:
    return machine.text("/etc/systemd/system/service.service")


def test_the_service_has_its_own_user_and_time_to_stop(machine: Machine):
    machine.boot(stop_seconds=50, python="3.14")
    lines = unit(machine).splitlines()
    assert 'ExecStart=/usr/bin/python3.14 "-m" "service_server" "app:handler"' in lines
    for line in ("User=service", "Restart=always", "TimeoutStopSec=50", "NoNewPrivileges=yes"):
        assert line in lines
    assert not [line for line in lines if line.startswith(("RequiresMounts", "ReadWritePaths"))]


def test_only_root_reads_the_variables_and_each_arrives_as_it_is(machine: Machine):
    machine.boot(environment={"STRANGE": STRANGE, "AWS_REGION": "us-east-1"})
    file = machine.root / "etc/service/environment"
    assert file.stat().st_mode & 0o777 == 0o600
    # systemd reads double quotes as a shell does.
    script = f'. {file}; printf %s "$STRANGE|$AWS_REGION|$AWS_DEFAULT_REGION"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert read.stdout == f"{STRANGE}|us-east-1|eu-west-1"


def test_file_systems_are_mounted_also_after_a_restart(machine: Machine):
    machine.boot(mounts=[MOUNT])
    assert machine.text("/etc/fstab") == (
        "fs-1:/ /mnt/files efs _netdev,tls,iam,accesspoint=fsap-1 0 0\n"
    )
    assert "mount /mnt/files" in machine.calls
    assert machine.calls[0].endswith(" amazon-efs-utils")
    assert "RequiresMountsFor=/mnt/files\n" in unit(machine)
    assert "ReadWritePaths=/mnt/files\n" in unit(machine)


def test_another_artefact_than_that_of_the_digest_is_not_started(machine: Machine):
    machine.store(archive() + b"!")
    with pytest.raises(ValueError, match=r"s3://bucket/ledger\.zip has the digest"):
        machine.boot()
    assert not (machine.root / "opt/service/code").exists()
    assert not [each for each in machine.calls if each.startswith("systemctl")]


@pytest.mark.parametrize("program", ["dnf", "aws", "mount"])
def test_what_needs_the_network_is_tried_again(machine: Machine, program: str):
    machine.fail_once(program)
    machine.boot(mounts=[MOUNT])
    assert len([each for each in machine.calls if each.startswith(f"{program} ")]) == 2
    assert machine.calls[-1].startswith("systemctl enable")


def test_a_failure_ends_the_boot(machine: Machine):
    machine.fail_once("useradd")
    with pytest.raises(subprocess.CalledProcessError):
        machine.boot()
    assert machine.calls[-1].startswith("useradd")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd")
@pytest.mark.parametrize("mounts", [[], [MOUNT]])
def test_systemd_accepts_the_unit(machine: Machine, mounts: list):
    machine.boot(mounts=mounts, command=["/bin/sh", "-c", f"echo {STRANGE}"])
    file = machine.root / "etc/systemd/system/service.service"
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", file], capture_output=True, text=True
    )
    assert "service.service" not in checked.stderr and checked.returncode == 0, checked.stderr
