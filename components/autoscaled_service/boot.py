"""Boots an instance: installs, mounts and starts its service. cloud-init runs it once, as root.

The user data is this file below a line `# service: {...}`, JSON with these keys:

    artefact     address of the zip file of the code, `s3://<bucket>/<key>`
    sha256       its digest, in hexadecimal
    command      the command and its arguments, in the folder of the unpacked file
    environment  variables of the service
    python       minor version of Python for `python` in the command
    region       region of the stack
    log_group    name of the CloudWatch log group
    stop_seconds time from SIGTERM to SIGKILL
    mounts       list of {"file_system_id", "access_point_id", "path"}

It runs on the Python of Amazon Linux 2023 itself, which stays 3.9, with its standard library only.
Packages come from the repository that the AMI is locked to, by the S3 endpoint of the VPC.
https://docs.aws.amazon.com/linux/al2023/ug/python.html
https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
"""

import hashlib
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

MARK = "# service: "
USER = "service"
CODE = "/opt/service/code"
ENVIRONMENT = "/etc/service/environment"
LOGS = "/var/log/service"
AGENT = "/opt/aws/amazon-cloudwatch-agent"
ATTEMPTS, PAUSE_SECONDS = 5, 5
OPTIONS = "_netdev,tls,iam,accesspoint="
UNIT = """\
[Unit]
Description=The service
Wants=network-online.target
After=network-online.target
{mounts}StartLimitIntervalSec=0

[Service]
User={user}
Group={user}
WorkingDirectory={code}
EnvironmentFile={environment}
ExecStart={command}
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec={stop_seconds}
StandardOutput=append:{logs}/service.log
StandardError=inherit
CapabilityBoundingSet=
LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
{writable}
[Install]
WantedBy=multi-user.target
"""
ROTATION = """\
{logs}/*.log {{
    size 50M
    rotate 2
    copytruncate
    missingok
}}
"""


class Boot:
    """The boot of an instance with the settings of its user data; `root` is / but for tests."""

    def __init__(self, settings: dict[str, Any], root: Path = Path("/")) -> None:
        self._settings, self._root = settings, root

    def run(self) -> None:
        """Boot. Raises what failed, of which cloud-init writes a log and the console output."""
        self._install()
        self._ship_logs()
        self._unpack()
        self._mount()
        self._start()

    def _install(self) -> None:
        packages = [f"python{self._settings['python']}", "amazon-cloudwatch-agent", "logrotate"]
        if self._settings["mounts"]:
            packages.append("amazon-efs-utils")
        patiently("dnf", "install", "--assumeyes", "--quiet", *packages)
        call("useradd", "--system", "--no-create-home", "--shell", "/sbin/nologin", USER)

    def _ship_logs(self) -> None:
        """Send the log of the service and that of this boot to CloudWatch."""
        self._path(LOGS).mkdir(parents=True, exist_ok=True)
        self._write("/etc/logrotate.d/service", ROTATION.format(logs=LOGS))
        streams = {
            f"{LOGS}/service.log": "{instance_id}",
            "/var/log/cloud-init-output.log": "{instance_id}/boot",
        }
        files = [
            {
                "file_path": path,
                "log_group_name": self._settings["log_group"],
                "log_stream_name": stream,
            }
            for path, stream in streams.items()
        ]
        config = f"{AGENT}/etc/service.json"
        collected = {"files": {"collect_list": files}}
        self._write(config, json.dumps({"logs": {"logs_collected": collected}}))
        ctl = self._path(f"{AGENT}/bin/amazon-cloudwatch-agent-ctl")
        call(str(ctl), "-a", "fetch-config", "-m", "ec2", "-s", "-c", f"file:{config}")

    def _unpack(self) -> None:
        """Fetch the code with the role of the instance, and unpack it if it has its digest."""
        artefact, wanted = self._settings["artefact"], self._settings["sha256"]
        archive = self._path("/opt/service/code.zip")
        archive.parent.mkdir(parents=True, exist_ok=True)
        region = ("--region", self._settings["region"])
        patiently("aws", "s3", "cp", "--only-show-errors", *region, artefact, str(archive))
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != wanted:
            raise ValueError(f"{artefact} has the digest {digest}, not {wanted}")
        with zipfile.ZipFile(archive) as content:
            content.extractall(self._path(CODE))
        archive.unlink()

    def _mount(self) -> None:
        """Mount the file systems, also after a restart of the instance."""
        table = self._path("/etc/fstab")
        for each in self._settings["mounts"]:
            self._path(each["path"]).mkdir(parents=True, exist_ok=True)
            options = OPTIONS + each["access_point_id"]
            with table.open("a") as lines:
                lines.write(f"{each['file_system_id']}:/ {each['path']} efs {options} 0 0\n")
            patiently("mount", each["path"])

    def _start(self) -> None:
        region = self._settings["region"]
        variables = {
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            **self._settings["environment"],
        }
        lines = "".join(f"{name}={quoted(value)}\n" for name, value in variables.items())
        self._write(ENVIRONMENT, lines, mode=0o600)
        self._write("/etc/systemd/system/service.service", self._unit())
        call("systemctl", "daemon-reload")
        call("systemctl", "enable", "--now", "logrotate.timer", "service.service")

    def _unit(self) -> str:
        name, *arguments = self._settings["command"]
        if name == "python":
            name = f"/usr/bin/python{self._settings['python']}"
        paths = [each["path"] for each in self._settings["mounts"]]
        return UNIT.format(
            code=CODE,
            command=" ".join([name, *map(argument, arguments)]),
            environment=ENVIRONMENT,
            logs=LOGS,
            mounts=f"RequiresMountsFor={' '.join(paths)}\n" if paths else "",
            stop_seconds=self._settings["stop_seconds"],
            user=USER,
            writable=f"ReadWritePaths={' '.join(paths)}\n" if paths else "",
        )

    def _path(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self._path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode)
        file.chmod(mode)
        file.write_text(text, "utf-8")


def quoted(value: str) -> str:
    """Return a value for a file of variables: `man systemd.exec`, EnvironmentFile."""
    for each in '\\"$`':
        value = value.replace(each, "\\" + each)
    return f'"{value}"'


def argument(text: str) -> str:
    """Return an argument of a command line: `man systemd.service`, Command Lines."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("%", "%%").replace("$", "$$") + '"'


def call(*command: str) -> None:
    """Run a command. Raises CalledProcessError if it fails."""
    subprocess.run(command, check=True)


def patiently(*command: str) -> None:
    """Run a command that needs the network, several times if it fails."""
    for number in range(1, ATTEMPTS + 1):
        try:
            return call(*command)
        except subprocess.CalledProcessError:
            if number == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)


def settings_of(text: str) -> dict[str, Any]:
    """Return the settings in the text of user data."""
    line = next(each for each in text.splitlines() if each.startswith(MARK))
    settings: dict[str, Any] = json.loads(line[len(MARK) :])
    return settings


if __name__ == "__main__":
    Boot(settings_of(Path(sys.argv[0]).read_text("utf-8"))).run()
