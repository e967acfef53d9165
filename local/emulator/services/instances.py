"""Instances of Auto Scaling groups run, as processes, what their user data names.

The line `# service: {...}` of the user data is JSON, which the boot script on AWS reads as well:

    artefact     address of a zip file, `s3://<bucket>/<key>`
    sha256       its digest, in hexadecimal
    command      the command and its arguments, in the folder of the unpacked file
    environment  variables; optional
    log_group    log group of its output; optional

Nothing else of the user data runs here.
"""

import base64
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .credentials import assume
from .processes import ServiceProcess

MARK = "# service: "
STOP_SECONDS = 90
"""The default of systemd: `man systemd-system.conf`, DefaultTimeoutStopSec."""
RUN_HOURS = 24 * 365
"""Instances read new credentials from their metadata on AWS; here they last for the run."""


class ProgramError(Exception):
    """The artefact of an instance is missing or another one."""


@dataclass(frozen=True)
class Program:
    """What the user data names."""

    bucket: str
    key: str
    sha256: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log_group: str = ""
    """Empty for none."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Program":
        """Return the program of a launch template's data.

        Raises ProgramError without the line, and ValueError or KeyError if it is not complete.
        """
        found = _lines(data)
        if not found:
            raise ProgramError("the user data names no service")
        settings = json.loads(found[0].removeprefix(MARK))
        bucket, _slash, key = settings["artefact"].removeprefix("s3://").partition("/")
        return cls(
            bucket,
            key,
            settings["sha256"],
            tuple(settings["command"]),
            settings.get("environment", {}),
            settings.get("log_group", ""),
        )


def names_program(data: Mapping[str, Any]) -> bool:
    """Return whether the user data of a launch template names a program."""
    return bool(_lines(data))


def _lines(data: Mapping[str, Any]) -> list[str]:
    text = base64.b64decode(data.get("UserData") or "").decode(errors="replace")
    return [each for each in text.splitlines() if each.startswith(MARK)]


def start(
    program: Program,
    content: bytes | None,
    *,
    instance: str,
    role: str | None,
    region: str,
    endpoint: str,
    runtime: Path,
    folder: Path,
) -> ServiceProcess:
    """Start the process of an instance.

    Raises ProgramError if `content` is not the artefact that the user data names.
    """
    where = f"s3://{program.bucket}/{program.key}"
    if content is None:
        raise ProgramError(f"there is no artefact {where}")
    if hashlib.sha256(content).hexdigest() != program.sha256:
        raise ProgramError(f"the artefact {where} has another digest than the user data names")
    code, temporary = folder / program.sha256, folder / instance
    if not code.exists():
        partial = folder / f"{program.sha256}.{instance}"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(partial)
        try:
            partial.rename(code)
        except OSError:  # another instance was faster
            shutil.rmtree(partial)
    temporary.mkdir(parents=True)
    variables = {
        **program.environment,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "INSTANCE_ID": instance,
    }
    if role:
        credentials = assume(role, instance, RUN_HOURS)
        variables["AWS_ACCESS_KEY_ID"] = credentials.access_key_id
        variables["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key
        variables["AWS_SESSION_TOKEN"] = credentials.session_token
    return ServiceProcess(runtime, program.command, code, variables, temporary)
