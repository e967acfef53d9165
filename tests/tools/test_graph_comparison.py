"""`python -m tools.graph compare`: when the check fails, and what the comment says."""

import re
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from local.engine import preview
from tools.graph.__main__ import main
from tools.graph.acceptance import LABEL, name_of
from tools.graph.comment import MARK
from tools.graph.document import Document, document

Program = Callable[[], object]


def graph_of(program: Program, stack: str = "prod", **given: object) -> Document:
    made = preview.run(program, {}, "colonnade", stack, {"region": "us-east-1"})
    made.outputs.update(given)
    return document(made, stack)


def table(name: str = "items", **options: object) -> Program:
    attribute = {"name": "id", "type": "S"}
    return lambda: aws.dynamodb.Table(name, hash_key="id", attributes=[attribute], **options)


@pytest.fixture
def compared(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Compare graphs. Return the exit code and the comment."""

    def run(old: list[Document], new: list[Document], *options: str) -> tuple[int, str]:
        for side, made in (("base", old), ("head", new)):
            (tmp_path / side).mkdir()
            for each in made:
                (tmp_path / side / f"{each.stack}.json").write_text(each.text())
        comment = tmp_path / "comment.md"
        folders = [str(tmp_path / side) for side in ("base", "head")]
        code = main(["compare", *folders, "--output", str(comment), *options])
        return code, comment.read_text()

    return run


def verdict(comment: str) -> str:
    """The first line below the title."""
    mark, title, line = comment.split("\n\n")[:3]
    assert (mark, title) == (MARK, "## Preview")
    return line


LOSS = ([graph_of(table())], [graph_of(table("others"))])


def test_the_check_fails_because_data_is_at_risk(compared):
    code, comment = compared(*LOSS)
    assert code == 1
    assert verdict(comment) == "**The check fails: data is at risk (1).**"
    risk, _, rest = comment.partition("### prod: 1 resources")
    row = "| prod | items | dynamodb Table | deleted | loses its items |  | no: `prod/items` |"
    assert row in risk
    assert "| others | others | dynamodb Table | created |" in rest


def test_an_accepted_loss_passes(compared):
    code, comment = compared(*LOSS, "--accept-loss", "prod/items")
    assert code == 0
    assert verdict(comment) == (
        "**The check passes: data at risk: 1, accepted; all rules are followed.**"
    )
    assert "| deleted | loses its items |  | yes |" in comment and "fails" not in comment


@pytest.mark.parametrize("accepted", ["prod", "items", "dev/items", "prod/others", "prod/item"])
def test_a_loss_is_accepted_for_its_resource_only(compared, accepted: str):
    assert compared(*LOSS, "--accept-loss", accepted)[0] == 1


def test_one_of_two_losses_is_not_enough(compared):
    def both() -> None:
        table()()
        table("more")()

    code, comment = compared(
        [graph_of(both)], [graph_of(lambda: None)], "--accept-loss", "prod/more"
    )
    assert code == 1 and verdict(comment) == "**The check fails: data is at risk (1).**"
    assert "### Data at risk: 2" in comment


def test_a_label_is_short_enough():
    short, long = name_of("prod", "orders-orders"), name_of("prod", "a" * 60)
    assert short == "prod/orders-orders"
    assert len(LABEL + long) == 50 and long != name_of("prod", "a" * 61)
    assert name_of("prod", "b" * 33) == f"prod/{'b' * 33}"


def test_broken_rules_are_the_first_that_the_comment_says(compared):
    new = graph_of(table())
    new.broken.append("items lacks the tags project (rule tagged)")
    code, comment = compared([graph_of(table())], [new])
    assert code == 1
    assert verdict(comment) == "**The check fails: rules are broken (1).**"
    assert "### Broken rules: 1\n\n- prod: items lacks the tags project (rule tagged)" in comment


def test_a_program_that_does_not_run_is_no_green_comment(compared):
    failed = Document("prod", [], [], failures=["settings.py:3: ```KeyError```: 'x'"])
    code, comment = compared([graph_of(table())], [failed])
    assert code == 1
    assert verdict(comment) == "**The check fails: the program does not run (prod).**"
    assert (
        "### The program of prod does not run\n\n```text\nsettings.py:3: KeyError: 'x'\n```"
        in comment
    )
    assert "deleted" not in comment and "No changes" not in comment


@pytest.mark.parametrize(("accepted", "code"), [("prod", 0), ("prod/items", 1)])
def test_a_base_that_does_not_run_hides_no_loss(compared, accepted: str, code: int):
    failed = Document("prod", [], [], failures=["x"])
    found, comment = compared([failed], [graph_of(table())], "--accept-loss", accepted)
    assert found == code
    assert "| prod |  |  |  | cannot be compared: the program before the change does" in comment
    assert "### The program of prod before the change does not run" in comment


@pytest.mark.parametrize(("accepted", "code"), [("prod", 0), ("dev", 1)])
def test_a_stack_whose_file_is_gone_is_a_risk(compared, accepted: str, code: int):
    dev = graph_of(table(), "dev")
    found, comment = compared([graph_of(table()), dev], [dev], "--accept-loss", accepted)
    assert found == code
    assert "its file is gone: no program keeps its resources with data (1)" in comment
    assert "### prod: the stack's file is gone" in comment


def test_a_stack_without_data_may_go(compared):
    dev = graph_of(table(), "dev")
    empty = graph_of(lambda: aws.cloudwatch.EventRule("tick", schedule_expression="rate(1 day)"))
    assert compared([empty, dev], [dev])[0] == 0


def test_no_changes_are_reported(compared):
    code, comment = compared([graph_of(table())], [graph_of(table())])
    assert code == 0 and "No changes." in comment
    assert verdict(comment) == "**The check passes: no data is at risk; all rules are followed.**"


def test_all_resources_of_a_new_stack_are_created(compared):
    code, comment = compared([], [graph_of(table(), "test")])
    assert code == 0
    assert "| items | items | dynamodb Table | created |" in comment


def test_the_comment_names_commit_and_run(compared):
    same = [graph_of(table())]
    _, comment = compared(same, same, "--commit", "abc1", "--run", "https://ci.example.com/1")
    assert comment.split("\n\n")[3] == "Commit `abc1`, [log of the run](https://ci.example.com/1)"


def function(**environment: pulumi.Input[str]) -> Program:
    policy = '{"Statement": [{"Action": "%s"}], "Version": "2012-10-17"}'

    def program() -> None:
        aws.lambda_.Function("f", role="r", environment={"variables": environment})
        aws.iam.RolePolicy("p", role="r", policy=policy % environment["ACTION"])

    return program


def test_values_are_shown_before_and_after(compared):
    old = function(ACTION="s3:GetObject", GONE="1", LONG="x" * 99)
    new = function(ACTION="s3:PutObject", ADDED="`|<b>", LONG="y" * 99)
    _, comment = compared([graph_of(old)], [graph_of(new)])
    variables = "`environment.variables"
    assert f'{variables}.ACTION`: `"s3:GetObject"` → `"s3:PutObject"`' in comment
    assert f'{variables}.GONE`: `"1"` → nothing' in comment
    assert f'{variables}.ADDED`: nothing → `"\\|b"`' in comment
    assert f'{variables}.LONG`: `"{"x" * 56}...` → `"{"y" * 56}...`' in comment
    assert '`policy.Statement[0].Action`: `"s3:GetObject"` → `"s3:PutObject"`' in comment


def test_secrets_are_not_shown(compared):
    def program(value: str, secret: bool) -> Program:
        def run() -> None:
            given = pulumi.Output.secret(value) if secret else value
            aws.cloudwatch.EventRule("p", description=given, schedule_expression="rate(1 day)")

        return run

    _, comment = compared(
        [graph_of(program("hunter2", True))], [graph_of(program("public", False))]
    )
    assert '`description`: `"[secret]"` → `"public"`' in comment and "hunter2" not in comment


def test_many_values_are_cut(compared):
    old, new = ({f"V{number}": side for number in range(9)} for side in ("a", "b"))
    _, comment = compared(
        [graph_of(function(ACTION="x", **old))], [graph_of(function(ACTION="x", **new))]
    )
    assert comment.count("→") == 5 and "<br>and 4 more |" in comment


COST = {
    "perHour": 0.1,
    "perMonth": 5,
    "hourly": {"a": 0.06, "b": 0.04},
    "perMillion": {"calls": 0.2},
    "unpriced": ["x"],
    "pricesOf": "2026-11-21",
}


def test_unchanged_costs_are_one_line(compared):
    made = [graph_of(table(), stack, idleCost=COST) for stack in ("dev", "prod")]
    _, comment = compared(made, made)
    line = "Unchanged costs: dev $0.1 per idle hour and $5 per month; prod $0.1 per idle hour and"
    assert comment.splitlines()[-1].startswith(line)
    assert "US dollars" not in comment and "0.06" not in comment


def test_only_changed_costs_are_rows(compared):
    new = {**COST, "perHour": 0.12, "hourly": {"a": 0.06, "c": 0.06}, "unpriced": ["x", "y"]}
    _, comment = compared([graph_of(table(), idleCost=COST)], [graph_of(table(), idleCost=new)])
    rows = re.findall(r"^\| prod \| (?:idle|month|million).*$", comment, re.MULTILINE)
    assert rows == [
        "| prod | idle hour | 0.1 | 0.12 |  |",
        "| prod | idle hour | 0.04 |  | b |",
        "| prod | idle hour |  | 0.06 | c |",
        "| prod | idle hour |  | no known price | y |",
    ]
    assert "Unchanged costs" not in comment


def test_a_graph_that_was_not_written_is_a_failure(tmp_path: Path, capsys):
    output = tmp_path / "head" / "dev.json"
    assert main(["fail", "--stack", "dev", "--output", str(output)]) == 0
    (tmp_path / "base").mkdir()
    assert main(["compare", str(tmp_path / "base"), str(output.parent)]) == 1
    assert "the program does not run (dev)" in capsys.readouterr().out
