"""Each rule finds a program that breaks it; the platform follows all rules."""

import pytest

from local.engine import stackconfig
from policy.rules import RULES
from tests.policy.programs import PROGRAMS, table
from tests.projects import EVERYTHING, ROOT
from tools.graph.__main__ import main
from tools.graph.rules import violations


@pytest.mark.parametrize("rule", PROGRAMS)
def test_a_program_that_breaks_a_rule_is_found(resources, rule: str):
    bad, good = PROGRAMS[rule]
    assert {each.rule for each in violations(resources(bad), "prod")} == {rule}
    assert violations(resources(good), "prod") == []


def test_every_rule_has_programs():
    assert [rule.name for rule in RULES] == list(PROGRAMS)


def test_dev_needs_no_deletion_protection(resources):
    assert violations(resources(table(deletion_protection_enabled=False), "dev"), "dev") == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_platform_follows_every_rule(stack: str, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    given = [f"--config={key}='{value}'" for key, value in EVERYTHING.items()]
    assert main(["show", "--stack", stack, *given]) == 0, capsys.readouterr().err


def test_a_setting_that_breaks_a_rule_fails_the_preview(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    given = [f"--config={key}='{value}'" for key, value in EVERYTHING.items()]
    assert main(["show", "--stack", "prod", "--config", "retainData=false", *given]) == 1
    err = capsys.readouterr().err
    assert "error: todo-todos has no deletion protection" in err
    assert "(rule deletion-protection)" in err


def test_both_stacks_tag_their_resources():
    for stack in ("dev", "prod"):
        tags = stackconfig.load(ROOT, stack).provider()["defaultTags"]["tags"]
        assert tags == {"project": "colonnade", "stack": stack}
