"""`python -m local devices`, as users run it beside `make up`."""

import time
from pathlib import Path

import pytest

from .conftest import Sent, Telemetry, local, parsed


def test_it_shows_its_progress_and_a_summary(fleet: tuple[str, Sent]):
    printed, sent = fleet
    shown = printed.splitlines()  # including the progress line
    assert shown[1].startswith("connecting 6 devices")
    assert any(" of 600 messages, " in line for line in shown[2:])
    assert (sent.messages, sent.devices) == (600, 6)
    assert (sent.bad, sent.late) == (24, 60)
    assert 25 <= sent.repeated <= 30  # a device that has sent nothing cannot repeat a message
    assert sent.good + sent.repeated + sent.bad == 600
    assert printed.endswith("the page shows them a little later\n")


def test_bad_messages_are_stored_separately(telemetry: Telemetry, fleet: tuple[str, Sent]):
    """`fleet` has already waited for the valid ones in the reports."""
    assert fleet[1].bad and telemetry.keys("lakeBucket", "errors/processing-failed/")


def test_it_keeps_the_rate(telemetry: Telemetry, fleet: tuple[str, Sent]):
    started = time.monotonic()
    ran = telemetry.devices("--count", "2", "--records", "30", "--rate", "20", "--bad", "0")
    assert parsed(ran.stdout).messages == 30
    assert time.monotonic() - started > 29 / 20


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "0"], "'0' is not a whole number from 1"),
        (["--bad", "31"], "'31' is not a whole percentage from 0 to 30"),
        (["--rate", "-1"], "'-1' is not a number from 0"),
        (["--hours", "nan"], "'nan' is not a number from 0"),
    ],
)
def test_invalid_options_are_rejected(tmp_path: Path, arguments: list[str], said: str):
    ran = local(Path.cwd(), "--project", str(tmp_path), "devices", *arguments)
    assert ran.returncode == 2 and said in ran.stderr


def test_without_a_stack_the_error_says_how_to_start_one(tmp_path: Path):
    ran = local(Path.cwd(), "--project", str(tmp_path), "devices")
    assert ran.returncode == 1
    assert ran.stderr == "error: nothing runs here; `make up` starts it\n"
