"""The `.local` folder: files for scripts while `up` runs, and the process that runs."""

import fcntl
import json
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from local.emulator.settings import ADMINISTRATOR
from local.errors import LocalError
from local.settings import UpSettings

AWS_CLI = Path(__file__).resolve().parents[1] / ".venv/bin/aws"


@dataclass(frozen=True)
class Addresses:
    """Where the embedded AWS and its mails are. The address of the mails contains a secret."""

    endpoint: str
    secret: str
    """The administrator's secret access key."""
    mails: str


class Folder:
    """The `.local` folder of one project. One `up` at a time holds its lock.

    The kernel releases the lock when the process ends for any reason, so a killed `up` never blocks
    the next one.
    """

    def __init__(self, project: Path) -> None:
        self.path = project / ".local"
        self.outputs = self.path / "outputs.json"
        self.env = self.path / "env"
        self.log = self.path / "log"
        self.pulumi = self.path / "pulumi"
        self._owner = self.path / "pid"

    def lock(self) -> None:
        """Takes the lock until this process ends.

        Raises LocalError if another process holds it.
        """
        with self._free() as file:
            os.dup(file.fileno())  # never closed, so that the lock outlasts the cleanup
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid()}))
        self.clear()

    def check(self) -> None:
        """Raises LocalError if an `up` runs here."""
        self._free().close()

    def _free(self) -> IO[str]:
        file = self._try()
        if file is None:
            raise LocalError(
                f"already running{self._described()}; `make down` stops it, then start again"
            )
        return file

    def owner(self) -> int | None:
        """Returns the ID of the process that runs here, or None."""
        if not self._owner.exists():
            return None
        file = self._try()
        if file is not None:
            file.close()
            return None
        return int(self._details().get("pid", 0))

    def endpoint(self) -> str:
        """Returns the endpoint of the embedded AWS that runs here."""
        return str(self._details().get("endpoint", ""))

    def secret(self) -> str:
        """Returns the secret access key of the administrator of the embedded AWS that runs here."""
        return self.settings()["AWS_SECRET_ACCESS_KEY"]

    def running(self) -> tuple[str, list[str]]:
        """Returns the stack and the systems that run here."""
        details = self._details()
        return details.get("stack", ""), details.get("systems", [])

    def settings(self) -> dict[str, str]:
        """Returns the variables of the shell settings."""
        words = shlex.split(self.env.read_text("utf-8"), comments=True)
        return dict(word.split("=", 1) for word in words if "=" in word)

    def publish(
        self, outputs: Mapping[str, Any], settings: UpSettings, addresses: Addresses, region: str
    ) -> None:
        """Writes the stack's outputs and the shell settings; only the user can read them."""
        _write(self.outputs, json.dumps(outputs, indent=2, sort_keys=True) + "\n")
        _write(self.env, _shell(outputs, settings.stack, addresses, region))
        what = {"stack": settings.stack, "systems": settings.systems}
        self._owner.write_text(
            json.dumps({"pid": os.getpid(), "endpoint": addresses.endpoint, **what}), "utf-8"
        )

    def clear(self) -> None:
        """Removes the outputs, the shell settings and the state of Pulumi's engine."""
        self.outputs.unlink(missing_ok=True)
        self.env.unlink(missing_ok=True)
        shutil.rmtree(self.pulumi, ignore_errors=True)

    def _try(self) -> IO[str] | None:
        self.path.mkdir(exist_ok=True)
        file = self._owner.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _details(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._owner.read_text("utf-8")))
        except (ValueError, OSError):
            return {}  # while the file is written

    def _described(self) -> str:
        details = self._details()
        return f" as process {details['pid']}" if "pid" in details else ""


def _write(file: Path, content: str) -> None:
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as target:
        target.write(content)


def _shell(outputs: Mapping[str, Any], stack: str, addresses: Addresses, region: str) -> str:
    variables = "\n".join(_variables(outputs))
    return f"""\
# Points the aws CLI and boto3 at the embedded AWS: source .local/env
export COLONNADE_STACK={stack}
export COLONNADE_MAILS='{addresses.mails}'
export AWS_ENDPOINT_URL={addresses.endpoint}
export AWS_ACCESS_KEY_ID={ADMINISTRATOR}
export AWS_SECRET_ACCESS_KEY={addresses.secret}
export AWS_DEFAULT_REGION={region}
export AWS_REGION={region}
# A profile or session of a real account conflicts with these keys.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
# An older CLI on the PATH would ignore AWS_ENDPOINT_URL and call the real AWS.
aws() {{ {shlex.quote(str(AWS_CLI))} "$@"; }}
# The outputs of each system.
{variables}
"""


def _variables(outputs: Mapping[str, Any]) -> Iterator[str]:
    """Yields an assignment for every output that is text: orders_ordersTable='...'."""
    for system, values in sorted(outputs.items()):
        for name, value in sorted(values.items() if isinstance(values, dict) else []):
            if f"{system}_{name}".isidentifier() and isinstance(value, str):
                yield f"export {system}_{name}={shlex.quote(value)}"
