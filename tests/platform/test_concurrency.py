"""The reserved concurrency of functions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.emulator.process import PROJECT
from tests.projects import write_project

PROGRAM = """
import json
import pulumi
from components import ServerlessApi

config = pulumi.Config()
operation = {"security": [], "responses": {"200": {"description": "fine"}}}
document = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {f"/{each}": {"get": {**operation, "operationId": each}} for each in ("on", "off")},
}
ServerlessApi(
    "api",
    {
        "openapi": json.dumps(document),
        "operations": {"on": "on", "off": "off"},
        "api_functions": {
            "on": {"code": "answer"},
            "off": {"code": "answer", "reserved_concurrency": 0},
        },
        "functions": {
            "architecture": config.require("lambdaArchitecture"),
            "python": config.require("lambdaPython"),
        },
    },
)
"""


@pytest.fixture
def reports() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: list[dict[str, Any]]
) -> Iterator[Cloud]:
    write_project(tmp_path)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "components").symlink_to(PROJECT / "components")
    code = tmp_path / "answer" / "app.py"
    code.parent.mkdir()
    code.write_text("def handler(event, context):\n    return 42\n")
    monkeypatch.chdir(tmp_path)  # the paths of bundles are relative to it
    with Cloud(program=tmp_path, listen=reports.append) as cloud:
        yield cloud


def test_a_reserved_concurrency_of_0_stops_only_that_function(
    api: Cloud, reports: list[dict[str, Any]]
):
    client = api.client("lambda")
    on, off = (
        api.find("aws:lambda/function:Function", f"api-function-{each}").outputs["name"]
        for each in ("on", "off")
    )
    assert json.load(client.invoke(FunctionName=on)["Payload"]) == 42
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=off)
    said = [each["message"] for each in reports if each["event"] == "not_emulated"]
    assert any("reservedConcurrentExecutions" in each for each in said)
