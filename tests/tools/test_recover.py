"""`python -m tools.recover` brings failed work back, and loses none on the way."""

import json
from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator
from tests.handlers.aws import emulator_environment
from tests.handlers.events import insert, order_created, row
from tests.handlers.outbox_pipeline.deployed import deploy_relay
from tests.handlers.outbox_pipeline.world import World
from tools.recover.__main__ import main


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def world(emulator: Emulator) -> World:
    return World(emulator)


@pytest.fixture
def system(world, tmp_path, monkeypatch):
    """A deployed relay, and the files that local mode writes for it."""
    outputs = {
        "relayFunction": deploy_relay(world),
        "failuresBucket": world.failures,
        "shipOrderQueueUrl": world.queue,
        "shipOrderDeadLetterQueueUrl": world.dead_letters,
        "ruleDeadLetterQueueUrl": world.rule_dead_letters,
    }
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/outputs.json").write_text(json.dumps({"orders": outputs}))
    (tmp_path / ".local/env").write_text(
        f"# how to reach it\nexport AWS_ENDPOINT_URL={world.emulator.endpoint}\n"
        f"export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY='{world.emulator.secret}'\n"
        "export AWS_DEFAULT_REGION=us-east-1 COLONNADE_STACK=dev\n"
    )
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        # Set, then deleted, so that monkeypatch also removes what the command sets.
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    return world


def run(*arguments):
    return main(["orders", "--stack", "dev", *arguments])


def fail(world: World, key: str, *records, as_text=True) -> None:
    payload = {"Records": list(records)}
    document = {"payload": json.dumps(payload) if as_text else payload}
    world.s3.put_object(Bucket=world.failures, Key=key, Body=json.dumps(document))


def relayed(world):
    return sorted(each["detail"]["metadata"]["eventId"] for each in world.delivered())


def test_failure_store(system, capsys):
    system.put_rows(row("b"))
    fail(system, "aws/lambda/m/1.json", insert(row("a")), insert(row("b"), 2))
    fail(system, "parked/c-1.json", insert(row("c")), as_text=False)
    assert run("--dry-run") == 0
    assert "objects waiting: 2\n" in capsys.readouterr().out
    assert relayed(system) == [] and len(system.objects(system.failures)) == 2

    assert run() == 0
    assert "objects recovered: 2 of 2\n" in capsys.readouterr().out
    assert relayed(system) == ["a-1", "b-1", "c-1"]
    assert "pending" not in system.outbox_row("b")
    assert system.objects(system.failures) == {}


def test_records_that_fail_again_stay_unchanged(system, capsys):
    bad = insert(row("bad", detail=None))
    fail(system, "parked/bad-1.json", bad, as_text=False)
    fail(system, "aws/lambda/m/1.json", insert(row("bad2", source={"S": "aws.x"})))
    assert run() == 1
    out, err = capsys.readouterr()
    assert "objects recovered: 1 of 2\n" in out
    assert "parked/bad-1.json: still cannot be sent" in err
    kept = system.objects(system.failures)
    assert sorted(kept) == ["parked/bad-1.json", "parked/bad2-1.json"]
    assert kept["parked/bad-1.json"]["payload"] == {"Records": [bad]}


def test_object_is_kept_when_the_relay_fails(system, capsys):
    fail(system, "not-json.json", insert(row("a")))
    system.s3.put_object(Bucket=system.failures, Key="other.txt", Body=b"hello")
    fail(system, "crash.json", "no record")
    assert run() == 1
    out, err = capsys.readouterr()
    assert "objects recovered: 1 of 3\n" in out
    assert "crash.json: the function failed" in err
    assert err.splitlines()[-1] == "recover: 2 could not be recovered and stay where they are"
    left = system.s3.list_objects_v2(Bucket=system.failures)["Contents"]
    assert [each["Key"] for each in left] == ["crash.json", "other.txt"]


def test_dead_letters_go_back_to_their_queue(system, capsys):
    for number in range(12):
        system.sqs.send_message(
            QueueUrl=system.dead_letters, MessageBody=json.dumps(order_created(f"o{number:02}"))
        )
    system.sqs.send_message(
        QueueUrl=system.rule_dead_letters, MessageBody=json.dumps(order_created("rule"))
    )
    assert run("--dry-run") == 0
    assert "shipOrderDeadLetterQueueUrl: messages waiting: 12\n" in capsys.readouterr().out
    assert run() == 0
    out = capsys.readouterr().out
    assert "shipOrderDeadLetterQueueUrl: messages moved: 12\n" in out
    assert "ruleDeadLetterQueueUrl: messages moved: 1\n" in out
    assert relayed(system) == sorted([f"o{number:02}-1" for number in range(12)] + ["rule-1"])
    assert system.messages(system.dead_letters) == []


def test_outputs_of_a_stack_on_aws(system, tmp_path, monkeypatch, capsys):
    file = tmp_path / "outputs.json"
    file.write_text((tmp_path / ".local/outputs.json").read_text())
    (tmp_path / ".local/outputs.json").unlink()
    for name, value in emulator_environment(system.emulator).items():
        monkeypatch.setenv(name, value)
    fail(system, "one.json", insert(row("a")))
    assert run("--outputs", str(file)) == 0
    assert relayed(system) == ["a-1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"todo": {}}', "has no system 'orders'; it has todo"),
        ('{"orders": {}}', "no output 'failuresBucket'"),
    ],
)
def test_bad_outputs_give_one_clear_line(tmp_path, capsys, content, message):
    file = tmp_path / "outputs.json"
    file.write_text(content)
    assert run("--outputs", str(file)) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("recover: ") and message in line


def test_another_stack_than_the_local_one_is_not_touched(system, monkeypatch, capsys):
    fail(system, "parked/a-1.json", insert(row("a")))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert main(["orders", "--stack", "prod"]) == 1
    assert "stack prod does not run locally" in capsys.readouterr().err
    assert list(system.objects(system.failures)) == ["parked/a-1.json"]


def test_no_local_stack_and_no_pulumi(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run() == 1
    assert "the Pulumi CLI is not installed" in capsys.readouterr().err
    assert run("--outputs", "missing.json") == 1
    assert "cannot read missing.json: No such file" in capsys.readouterr().err
