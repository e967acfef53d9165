"""The environment of ministack, and the version that the patches fit."""

import hmac
import os
from pathlib import Path

MINISTACK = "1.5.33"

ADMINISTRATOR = "test"
"""The access key ID of the administrator. The secret access key is the secret of the run."""

SECRET = "COLONNADE_EMULATOR_SECRET"
"""Variable of the server that holds the administrator's secret access key."""

REFUSED = 2
"""Exit status of a server that refuses to start. The last line of its log says why."""


def path_secret(secret: str, path: str) -> str:
    """Return what a request for a path of administration must name.

    An address is shown, and can be forwarded: it must not contain the administrator's secret.
    """
    return hmac.new(secret.encode(), path.encode(), "sha256").hexdigest()


def harmless_environment() -> dict[str, str]:
    """Return the variables that a server needs from its caller, with UTF-8 as the encoding."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def replace_environment(port: int, folder: Path) -> None:
    """Make the environment independent of the caller's. Call it before importing ministack.

    A caller's AWS_*, LAMBDA_* or SERVICES would change the behavior of the emulator, and functions
    would inherit the caller's secrets.
    """
    harmless = harmless_environment()
    os.environ.clear()
    os.environ.update(
        harmless,
        AUTH="true",
        BIND_HOST="127.0.0.1",
        DOCKER_HOST=f"unix://{folder}/no-docker.sock",
        GATEWAY_PORT=str(port),
        HOME=str(folder),
        IOT_MTLS_ENABLED="0",
        LOG_LEVEL="WARNING",
        S3_DATA_DIR=str(folder / "s3"),
        SFTP_ENABLED="0",
        STATE_DIR=str(folder / "state"),
        TMPDIR=str(folder),
        TZ="UTC",
    )
