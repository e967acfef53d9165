"""The machine and the versions of a run."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("boto3", "botocore", "ministack", "pulumi", "pulumi-aws", "uv")


def describe() -> list[str]:
    """Return the first lines of a report: date, machine, versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}",
        f"Versions: Python {platform.python_version()}, {versions}",
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "processor unknown"
