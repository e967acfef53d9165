"""Each rule finds a program that breaks it; the platform follows all rules."""

from pathlib import Path

import pytest

from local.engine import stackconfig
from policy.rules import RULES
from tests.conftest import Built
from tests.policy.programs import (
    BOTH_SIDES,
    ENCRYPTED,
    FORWARD,
    PROGRAMS,
    TABLE,
    Program,
    listener,
    table,
)
from tests.projects import ROOT
from tools.graph.__main__ import main
from tools.graph.rules import violations


@pytest.mark.parametrize(("rule", "bad", "good"), BOTH_SIDES)
def test_a_program_that_breaks_a_rule_is_found(resources, rule: str, bad: Program, good: Program):
    assert {each.rule for each in violations(resources(bad), "prod")} == {rule}
    assert violations(resources(good), "prod") == []


def test_a_load_balancer_within_a_network_may_serve_http(resources):
    forward = listener(internal=True, protocol="HTTP", default_actions=[FORWARD])
    assert violations(resources(forward), "prod") == []


def test_every_rule_has_programs():
    assert [rule.name for rule in RULES] == list(PROGRAMS)


def test_dev_needs_no_deletion_protection(resources):
    assert violations(resources(table(deletion_protection_enabled=False), "dev"), "dev") == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_platform_follows_every_rule(graphs: dict[str, Built], stack: str):
    assert violations(graphs[stack].resources, stack) == []


def test_a_program_that_breaks_a_rule_fails_the_preview(project: Path, monkeypatch, capsys):
    monkeypatch.chdir(project)
    monkeypatch.syspath_prepend(project)
    program = f"import pulumi_aws\npulumi_aws.dynamodb.Table('todos', **{TABLE | ENCRYPTED})\n"
    (project / "__main__.py").write_text(program)
    (project / "Pulumi.prod.yaml").write_text((project / "Pulumi.dev.yaml").read_text())
    assert main(["show", "--stack", "prod"]) == 1
    err = capsys.readouterr().err
    assert "error: todos has no deletion protection" in err
    assert "(rule deletion-protection)" in err


def test_both_stacks_tag_their_resources():
    for stack in ("dev", "prod"):
        tags = stackconfig.load(ROOT, stack).provider()["defaultTags"]["tags"]
        assert tags == {"project": "colonnade", "stack": stack}
