"""`python -m tools.release`: its requests to Lambda and CodeDeploy, and its result.

The emulator has no CodeDeploy. The Stubber of botocore checks requests and responses against the
model of the service.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tools import release

FIRST, SECOND = "todo-read-1a2b3c4", "todo-write-1a2b3c4"


class Cloud:
    """CodeDeploy and Lambda with expected requests and their responses."""

    def __init__(self) -> None:
        self.clients = {
            name: boto3.client(
                name,
                region_name="us-east-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
            for name in ("codedeploy", "lambda")
        }
        self.stubs = {name: Stubber(client) for name, client in self.clients.items()}

    def groups(self, *functions: str) -> None:
        answer = {"applicationName": "todo", "deploymentGroups": list(functions)}
        asked = {"applicationName": "todo"}
        self.stubs["codedeploy"].add_response("list_deployment_groups", answer, asked)

    def versions(self, function: str, live: str, *published: str) -> None:
        stub = self.stubs["lambda"]
        alias = {"FunctionName": function, "Name": "live"}
        stub.add_response("get_alias", {"FunctionVersion": live}, alias)
        listed = {"Versions": [{"Version": each} for each in ("$LATEST", *published)]}
        stub.add_response("list_versions_by_function", listed, {"FunctionName": function})

    def starts(self, function: str, deployment: str, revision: Any = ANY) -> None:
        asked = {
            "applicationName": "todo",
            "deploymentGroupName": function,
            "description": ANY,
            "revision": revision,
        }
        answer = {"deploymentId": deployment}
        self.stubs["codedeploy"].add_response("create_deployment", answer, asked)

    def reports(self, deployment: str, status: str, **more: Any) -> None:
        answer = {"deploymentInfo": {"status": status, **more}}
        asked = {"deploymentId": deployment}
        self.stubs["codedeploy"].add_response("get_deployment", answer, asked)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch):
    cloud = Cloud()
    monkeypatch.setattr(release.boto3, "client", lambda name, **_: cloud.clients[name])
    monkeypatch.setattr(release, "POLL_SECONDS", 0.0)
    for stub in cloud.stubs.values():
        stub.activate()
    yield cloud
    for stub in cloud.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def run(tmp_path: Path):
    """Run the command on a stack with or without an application."""

    def run(application: str = "todo") -> int:
        outputs = tmp_path / "outputs.json"
        outputs.write_text(json.dumps({"todo": {"releaseApplication": application}}))
        return release.main(["--api", "todo", "--outputs", str(outputs)])

    return run


def test_outdated_functions_move_to_the_newest_version(cloud: Cloud, run, capsys):
    content = json.dumps(
        {
            "version": 0.0,
            "Resources": [
                {
                    FIRST: {
                        "Type": "AWS::Lambda::Function",
                        "Properties": {
                            "Name": FIRST,
                            "Alias": "live",
                            "CurrentVersion": "9",
                            "TargetVersion": "10",
                        },
                    }
                }
            ],
        }
    )
    digest = hashlib.sha256(content.encode()).hexdigest()
    app_spec = {"content": content, "sha256": digest}
    cloud.groups(FIRST, SECOND)
    cloud.versions(FIRST, "9", "8", "9", "10")
    cloud.starts(FIRST, "d-1", {"revisionType": "AppSpecContent", "appSpecContent": app_spec})
    cloud.versions(SECOND, "3", "3", "2")
    cloud.reports("d-1", "InProgress")
    cloud.reports("d-1", "Succeeded")
    assert run() == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{FIRST}: version 9 -> 10: started as d-1",
        f"{SECOND}: is at the newest version",
        f"{FIRST}: version 9 -> 10: released",
    ]


def test_a_rollback_is_reported_and_the_others_complete(cloud: Cloud, run, capsys):
    cloud.groups(FIRST, SECOND)
    for function, deployment in ((FIRST, "d-1"), (SECOND, "d-2")):
        cloud.versions(function, "1", "1", "2")
        cloud.starts(function, deployment)
    cloud.reports(
        "d-1",
        "Stopped",
        errorInformation={"code": "ALARM_ACTIVE", "message": "an alarm is active"},
        rollbackInfo={"rollbackDeploymentId": "d-3"},
    )
    cloud.reports("d-2", "Succeeded")
    assert run() == 1
    out = capsys.readouterr().out
    assert f"{FIRST}: version 1 -> 2: stopped: an alarm is active; rolled back by d-3" in out
    assert f"{SECOND}: version 1 -> 2: released" in out


def test_an_active_deployment_blocks_only_its_own_function(cloud: Cloud, run, capsys):
    cloud.groups(FIRST, SECOND)
    cloud.versions(FIRST, "1", "1", "2")
    stub = cloud.stubs["codedeploy"]
    stub.add_client_error("create_deployment", "DeploymentLimitExceededException", "d-0 is active")
    cloud.versions(SECOND, "1", "1", "2")
    cloud.starts(SECOND, "d-2")
    cloud.reports("d-2", "Succeeded")
    assert run() == 1
    out = capsys.readouterr().out
    assert f"{FIRST}: not released: " in out and "d-0 is active" in out
    assert f"{SECOND}: version 1 -> 2: released" in out


def test_an_api_without_releases_is_rejected(cloud: Cloud, run, capsys):
    assert run(application="") == 1
    assert "release: the stack has no output 'releaseApplication'" in capsys.readouterr().err
