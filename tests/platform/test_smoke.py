"""`make smoke` against the platform: what it checks, that it fails, and that it leaves nothing."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.handlers.aws import emulator_environment
from tests.platform.test_videos import KEY
from tests.projects import ROOT
from tools.smoke.__main__ import main
from tools.smoke.checks import Clock
from tools.smoke.deployment import Deployment
from tools.smoke.videos import Videos
from tools.stack_outputs import System

KEPT = ("inbox", "marks")
"""Tables of marks: a replay must find those of the inbox, and the others expire."""


@pytest.fixture(autouse=True)
def here(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that local mode writes, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/outputs.json").write_text(json.dumps(cloud.outputs))
    own = {**settings(cloud), "COLONNADE_STACK": "dev"}
    lines = [f"export {name}={value}\n" for name, value in own.items()]
    (tmp_path / ".local/env").write_text("".join(lines))
    for name in own:
        # Set, then deleted, so that monkeypatch also removes what the command sets.
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    # The shop has its secret, and the function may know it from other tests.
    cloud.client("secretsmanager").put_secret_value(
        SecretId=cloud.outputs["videos"]["webhookSecret"],
        SecretString=f"whsec_{base64.b64encode(KEY).decode()}",
    )
    return tmp_path


def settings(cloud: Cloud) -> dict[str, str]:
    return {
        **emulator_environment(cloud.emulator),
        "COLONNADE_MAILS": cloud.mails,
        "AWS_REGION": cloud.region,
    }


def contents(cloud: Cloud) -> dict[str, list[str]]:
    """Return the names of all that users, devices and functions store in the platform."""
    found: dict[str, list[str]] = {}
    dynamodb, s3, idp, iot = (
        cloud.client(each) for each in ("dynamodb", "s3", "cognito-idp", "iot")
    )
    for table in dynamodb.list_tables()["TableNames"]:
        keys = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        pages = dynamodb.get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        found[table] = [str([item[each["AttributeName"]] for each in keys]) for item in items]
    for bucket in s3.list_buckets()["Buckets"]:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"])
        versions = [each for page in pages for each in page.get("Versions", [])]
        # Athena's results of the report function expire.
        found[bucket["Name"]] = [
            each["Key"] for each in versions if not each["Key"].startswith("results/")
        ]
    for system in ("todo", "videos"):
        users = idp.list_users(UserPoolId=cloud.outputs[system]["userPoolId"])["Users"]
        found[f"users of {system}"] = [each["Username"] for each in users]
    found["things"] = [each["thingName"] for each in iot.list_things()["things"]]
    found["certificates"] = [
        each["certificateId"] for each in iot.list_certificates()["certificates"]
    ]
    return {
        name: sorted(each) for name, each in found.items() if not any(kept in name for kept in KEPT)
    }


def added(cloud: Cloud, before: dict[str, list[str]]) -> list[str]:
    """Return what the platform stores in addition."""
    return [
        f"{name}: {each}"
        for name, now in contents(cloud).items()
        for each in sorted({*now} - {*before[name]})
    ]


def rows(text: str, state: str) -> list[str]:
    return [line for line in text.splitlines() if f" {state} " in line]


def test_all_checks_pass_twice_and_leave_nothing(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    before = contents(cloud)
    for _ in range(2):
        assert main([]) == 0, capsys.readouterr().out
        out = capsys.readouterr().out
        assert "0 failed, 0 need a person" in out
        assert len(rows(out, "ok")) == 33
        assert not rows(out, "not run")
        assert "mail: Welcome to MyBlog" in out
        assert added(cloud, before) == []


@contextmanager
def without_permissions(cloud: Cloud, name: str) -> Iterator[None]:
    """Take the permissions of a function away."""
    iam, role = cloud.client("iam"), cloud.find("aws:iam/role:Role", name).id
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=each)
        for each in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    assert policies
    for each in policies:
        iam.delete_role_policy(RoleName=role, PolicyName=each["PolicyName"])
    try:
        yield
    finally:
        for each in policies:
            document = json.dumps(each["PolicyDocument"])
            iam.put_role_policy(
                RoleName=role, PolicyName=each["PolicyName"], PolicyDocument=document
            )


def test_a_function_without_its_permissions_fails_its_check(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
):
    before = contents(cloud)
    with without_permissions(cloud, "todo-api-function-todos-write-role"):
        assert main(["--systems", "todo,orders"]) == 1
    out = capsys.readouterr().out
    (failed,) = rows(out, "FAILED")
    assert "todo       the user adds a to-do and reads it" in failed and "POST" in failed
    assert "1 failed" in out
    assert len(rows(out, "ok")) == 11
    assert added(cloud, before) == []


def test_a_deleted_page_fails_its_check(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    s3, bucket = cloud.client("s3"), cloud.outputs["todo"]["contentBucket"]
    key = {"Bucket": bucket, "Key": "config.json"}
    config = s3.get_object(**key)
    s3.delete_object(**key)
    cloud.client("cloudfront").create_invalidation(  # the edge keeps it for a moment
        DistributionId=cloud.outputs["todo"]["distributionId"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "smoke"},
    )
    try:
        assert main(["--target", "local", "--systems", "todo"]) == 1
    finally:
        s3.put_object(
            **key,
            Body=config["Body"].read(),
            ContentType=config["ContentType"],
            CacheControl=config["CacheControl"],
        )
    (failed,) = rows(capsys.readouterr().out, "FAILED")
    assert "todo       the page has its security headers" in failed and "config.json" in failed


def test_ctrl_c_removes_what_was_created(cloud: Cloud, here: Path):
    before = contents(cloud)
    command = subprocess.Popen(
        [sys.executable, "-m", "tools.smoke", "--systems", "videos"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background ignores it, also for their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert command.stderr and command.stdout
    # The next check waits for some seconds.
    shown = next(line for line in command.stderr if "a signed link plays" in line)
    assert " ok " in shown and added(cloud, before)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 1, out + err
    assert "stopping, and removing what was created" in err
    assert "Traceback" not in err
    (failed,) = rows(out, "FAILED")
    assert "the link ends" in failed and "stopped" in failed
    assert added(cloud, before) == []


@pytest.fixture
def settings_of_the_shell(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that a shell has for a stack on AWS."""
    for name, value in settings(cloud).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("settings_of_the_shell")
def test_on_aws_the_mail_goes_to_the_simulator_and_the_sender_is_confirmed_by_a_person(
    cloud: Cloud, here: Path, capsys: pytest.CaptureFixture[str]
):
    outputs, ses = here / "outputs.json", cloud.client("sesv2")
    outputs.write_text(json.dumps(cloud.outputs))
    command = ["--target", "aws", "--outputs", str(outputs), "--systems", "blog"]
    before = contents(cloud)
    assert main(command) == 0
    out = capsys.readouterr().out
    assert re.search(r"SES accepted it for success\+smoke-\w+@simulator\.amazonses\.com", out)
    assert "0 need a person" in out

    sender = cloud.find("aws:sesv2/emailIdentity:EmailIdentity").id
    ses.delete_email_identity(EmailIdentity=sender)
    try:
        assert main(command) == 0
    finally:
        ses.create_email_identity(EmailIdentity=sender)
    (row,) = rows(capsys.readouterr().out, "by hand")
    assert "one welcome mail is sent" in row and f"open the link that SES mailed to {sender}" in row
    assert added(cloud, before) == []


@pytest.mark.usefixtures("settings_of_the_shell")
def test_a_shop_without_a_secret_gets_one_for_the_time_of_the_run(cloud: Cloud):
    client = cloud.client("secretsmanager")
    arn = client.create_secret(Name="a-new-shop")["ARN"]
    deployed = System("test", {**cloud.outputs["videos"], "webhookSecret": arn}, {})
    checks = Videos(Deployment(deployed, local=True), Clock(threading.Event(), print))
    key = checks._webhook_key()
    value = client.get_secret_value(SecretId=arn)["SecretString"]
    assert base64.b64decode(value.removeprefix("whsec_")) == key
    assert checks._remove().state == "ok"
    assert not client.get_secret_value(SecretId=arn)["SecretString"].split()
    client.put_secret_value(SecretId=arn, SecretString="whsec_YQ== whsec_Yg==")
    assert checks._webhook_key() == b"a"
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
