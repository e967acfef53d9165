"""`tools.smoke` without a stack: how checks run, what is removed, and wrong arguments."""

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local.devices.fleet import Broker
from tools.smoke.__main__ import main
from tools.smoke.checks import ByHand, Check, Clock, Failed, Result, SystemChecks
from tools.smoke.deployment import Deployment
from tools.smoke.orders import api_id
from tools.smoke.web import call
from tools.stack_outputs import System


class Sample(SystemChecks):
    """Creates two things, fails at the second, and cannot remove the first."""

    name = "sample"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.removed: list[str] = []

    def checks(self) -> Sequence[Check]:
        return [
            Check("first", self._first),
            Check("second", self._second, 0.2, after=self._first),
            Check("third", lambda: None, after=self._second),
            Check("fourth", self._fourth),
        ]

    def _first(self) -> str:
        self.remove_later("thing 1", self._stuck)
        self.remove_later("thing 2", lambda: self.removed.append("thing 2"))
        return "a note"

    def _second(self) -> None:
        self.remove_later("thing 3", lambda: self.removed.append("thing 3"))
        self.clock.until(lambda: False, "the end", 0.01)

    def _fourth(self) -> None:
        raise ByHand("press the button")

    def _stuck(self) -> None:
        self.removed.append("thing 1")
        raise ValueError("it\n is stuck")


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Sample:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return Sample(Clock(threading.Event(), print))


def test_a_failure_stops_only_what_needs_it_and_everything_is_removed(sample: Sample):
    shown: list[Result] = []
    results = sample.run(shown.append)
    assert shown == results
    assert [(each.what, each.state, each.note) for each in results] == [
        ("first", "ok", "a note"),
        ("second", "FAILED", "the end: not within 0 s"),
        ("third", "not run", ""),
        ("fourth", "by hand", "press the button"),
        (
            "what the checks created is removed",
            "FAILED",
            "left: thing 1 (ValueError: it is stuck)",
        ),
    ]
    assert sample.removed == ["thing 3", "thing 2", "thing 1", "thing 1", "thing 1"]


def test_an_interrupted_run_stops_and_removes():
    stopped = threading.Event()
    sample = Sample(Clock(stopped, print))
    results = sample.run(lambda result: stopped.set() if result.what == "first" else None)
    states = [each.state for each in results]
    assert states == ["ok", "not run", "not run", "not run", "FAILED"]
    assert sample.removed[0] == "thing 2"
    with pytest.raises(Failed, match="stopped"):
        sample.clock.until(lambda: False, "the end")


def test_long_waits_show_their_progress(monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    clock = Clock(threading.Event(), shown.append)
    monkeypatch.setattr("tools.smoke.checks._PROGRESS_SECONDS", 0.05)
    clock.start("sample: first", 0.3)
    with pytest.raises(Failed, match="the end: not within"):
        clock.until(lambda: False, "the end", 0.01)
    assert shown and shown[0] == "sample: first: waiting for the end, 0 of 0 s"


@pytest.mark.parametrize(
    ("outputs", "region"),
    [
        ({"apiUrl": "https://a1b2.execute-api.eu-west-1.amazonaws.com/live"}, "eu-west-1"),
        ({"iotEndpoint": "x-ats.iot.us-gov-west-1.amazonaws.com"}, "us-gov-west-1"),
        ({"siteUrl": "https://d111.cloudfront.net"}, "ap-south-1"),
    ],
)
def test_the_region_is_that_of_the_outputs(
    outputs: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert Deployment(System("test", outputs, {}), local=False).region == region


def test_the_id_of_an_api_is_in_its_address():
    assert api_id("https://a1b2.execute-api.eu-west-1.amazonaws.com/live") == "a1b2"
    assert api_id("http://127.0.0.1:4566/_aws/execute-api/a1b2/live") == "a1b2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--systems", "shop"], "no system 'shop'; the systems are blog, orders, services, "),
        (["--systems", "orders"], "has no system 'orders'; it has other"),
        ([], "has none of the systems blog, orders, services, telemetry, todo, videos"),
    ],
)
def test_wrong_systems_give_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"other": {}}))
    assert main(["--outputs", str(file), *arguments]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("smoke: ") and message in line


def test_without_a_local_stack_the_target_local_gives_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(["--target", "local"]) == 1
    assert capsys.readouterr().err == (
        "smoke: stack dev does not run locally (.local/outputs.json); `make up` starts it\n"
    )


def test_the_target_aws_asks_pulumi_although_a_stack_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/outputs.json").write_text('{"orders": {}}')
    assert main(["--target", "aws"]) == 1
    assert "the Pulumi CLI is not installed" in capsys.readouterr().err


def test_a_broker_on_aws_is_one_that_this_machine_trusts():
    host = "a1-ats.iot.eu-west-1.amazonaws.com"
    assert Broker.of("", host) == Broker(host, 8883, "")


@pytest.fixture
def answers() -> Iterator[tuple[str, list[int]]]:
    """The address of a server, and the statuses that it answers with."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses.pop(0))
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"a\n  b")

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", statuses
        server.shutdown()
        thread.join()


def test_a_request_is_repeated_once_and_follows_no_redirect(answers: tuple[str, list[int]]):
    url, statuses = answers
    statuses += [503, 302, 502, 502]
    assert call(url).status == 302
    with pytest.raises(Failed) as failed:
        call(f"{url}/film?Signature=secret").expect(200)
    assert str(failed.value) == f"GET {url}/film: 502 a b"
    assert not statuses
