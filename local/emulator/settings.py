"""What ministack reads from its environment, and the version of it that our patches fit."""

import os
from pathlib import Path

MINISTACK = "1.5.33"

REFUSED = 2
"""Exit status of a server that will not start; the last line of its log says why."""


def harmless_environment() -> dict[str, str]:
    """What a server needs of its caller's environment, with an encoding that fits every text."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def replace_environment(port: int, folder: Path) -> None:
    """Make this process's environment independent of the caller's; before ministack is imported.

    A caller's AWS_*, LAMBDA_* or SERVICES would change how the emulator behaves, and functions
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
