"""The user data of an instance: what it runs, and the program that boots it."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

_MARK = "# service: "
_BOOT = Path(__file__).with_name("boot.py")
_MAX_BYTES = 16 * 1024
"""The limit of user data before encoding: "Run commands when you launch an EC2 instance"."""


class UserDataError(pulumi.RunError, ValueError):
    """The user data are too long."""


def user_data(settings: Mapping[str, Any]) -> pulumi.Output[str]:
    """Return encoded user data that run a service.

    Args:
        settings: see `boot.py`. Local mode reads the same line.

    Raises:
        UserDataError: the environment is too long; as an error of the output.
    """
    return pulumi.Output.json_dumps(settings, sort_keys=True).apply(_encoded)


def _encoded(line: str) -> str:
    boot = _BOOT.read_text("utf-8")
    content = f"#!/usr/bin/python3\n{_MARK}{line}\n{boot}".encode()
    if len(content) > _MAX_BYTES:
        over = len(content) - _MAX_BYTES
        raise UserDataError(
            f"the user data have {over} bytes more than the {_MAX_BYTES} that EC2 accepts: pass "
            "less by the environment of the service"
        )
    return base64.b64encode(content).decode()
