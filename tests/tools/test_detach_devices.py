"""`python -m tools.detach_devices` makes the IoT policy of a stack deletable."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.devices.fleet import register
from local.emulator.process import Emulator
from tests.handlers.aws import emulator_environment
from tools.detach_devices import main

POLICY = "telemetry-devices-1a2b3c4"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def iot(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of IoT, in which a policy is attached to the certificates of two devices."""
    for name, value in emulator_environment(emulator).items():
        monkeypatch.setenv(name, value)
    client: Any = emulator.client("iot")
    statement = {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.create_policy(policyName=POLICY, policyDocument=document)
    for name in ("roof", "cellar"):
        register(client, name, POLICY)
    return client


def test_the_policy_of_a_stack_can_be_deleted_afterwards(iot, tmp_path, capsys):
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"telemetry": {"thingPolicy": POLICY}}))
    command = ["--outputs", str(outputs)]
    assert main([*command, "--dry-run"]) == 0
    assert (
        capsys.readouterr().out == f"{POLICY}: would be detached from 2 certificates and groups\n"
    )
    with pytest.raises(ClientError, match="DeleteConflictException"):
        iot.delete_policy(policyName=POLICY)
    assert main(command) == 0
    assert capsys.readouterr().out == f"{POLICY}: detached from 2 certificates and groups\n"
    iot.delete_policy(policyName=POLICY)
    assert len(iot.list_certificates()["certificates"]) == 2


def test_a_policy_can_be_named_and_an_error_has_one_line(iot, capsys):
    assert main(["--policy", POLICY]) == 0
    iot.delete_policy(policyName=POLICY)
    capsys.readouterr()
    assert main(["--policy", "unknown"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("detach_devices: ") and "ResourceNotFoundException" in line
