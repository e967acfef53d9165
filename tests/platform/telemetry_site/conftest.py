"""The telemetry system as `make up` runs it, a fleet of devices, and the page in a browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from local.emulator.clients import Clients
from local.folder import Folder
from tests.emulator.cloud import until
from tests.projects import copy_repository, free_port

from ..browser import PHONE, chromium

SENT = re.compile(
    r"sent (\d+) messages of (\d+) devices: (\d+) valid \((\d+) late\), (\d+) repeated, "
    r"(\d+) bad\n"
)
Visit = Callable[..., Page]


@dataclass(frozen=True)
class Sent:
    """The summary of the command."""

    messages: int
    devices: int
    good: int
    late: int
    repeated: int
    bad: int


class Telemetry:
    """The system in a folder."""

    def __init__(self, project: Path, port: int) -> None:
        self.project = project
        outputs = json.loads((project / ".local" / "outputs.json").read_text())
        self.out: dict[str, str] = outputs["telemetry"]
        clients = Clients(f"http://127.0.0.1:{port}", Folder(project).secret())
        self.s3: Any = clients.get("s3", "us-east-1", {})

    def devices(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return local(self.project, "devices", *arguments)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.out[bucket], Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]

    def reports(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of a report by day, newest first."""
        found = {}
        for key in sorted(self.keys("reportsBucket", f"reports/{name}/"), reverse=True):
            body = self.s3.get_object(Bucket=self.out["reportsBucket"], Key=key)["Body"].read()
            report = json.loads(body)
            rows = [dict(zip(report["columns"], row, strict=True)) for row in report["rows"]]
            found[key.split("day=")[1][:10]] = rows
        return found

    def readings(self) -> int:
        """Return the number of readings of all reports."""
        return sum(row["readings"] for rows in self.reports("devices").values() for row in rows)


def local(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m local ...` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
    )


def parsed(printed: str) -> Sent:
    found = SENT.search(printed)
    assert found, printed
    return Sent(*map(int, found.groups()))


@pytest.fixture(scope="package")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telemetry]:
    project = copy_repository(tmp_path_factory.mktemp("clone"))
    port = free_port()
    up = local(project, "up", "--systems", "telemetry", "--port", str(port), "--detach")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield Telemetry(project, port)
    finally:
        assert local(project, "down").returncode == 0


@pytest.fixture(scope="package")
def fleet(telemetry: Telemetry) -> tuple[str, Sent]:
    """The command's output and counts, after the reports contain all messages."""
    ran = telemetry.devices(
        *("--count", "6", "--records", "600", "--rate", "400"),
        *("--bad", "4", "--duplicate", "5", "--late", "10", "--hours", "6", "--seed", "7"),
    )
    assert ran.returncode == 0 and ran.stderr == "", ran.stderr
    sent = parsed(ran.stdout)
    until(lambda: telemetry.readings() == sent.good, 90)
    return ran.stdout, sent


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium("the page of reports is") as running:
        yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(url)` opens a page. Errors in the browser fail the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(url: str, without_reports: bool = False) -> Page:
        contexts.append(browser.new_context(viewport=PHONE, timezone_id="Asia/Tokyo"))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        if not without_reports:  # the browser logs errors for missing reports
            page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert not complaints
