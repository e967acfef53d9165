"""`python -m tools.graph`: the changes of a stack after a change of its program or config."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from local.engine import preview
from tests.projects import PYTHON, ROOT
from tools.graph.__main__ import main
from tools.graph.changes import changes
from tools.graph.document import Document, document, load

NO_PROGRAM = ("tests", "docs", "benchmarks", "local", "tools", "policy", "requirements")
Program = Callable[[], object]


def graph_of(program: Program, stack: str = "prod") -> Document:
    made = preview.run(program, {}, "colonnade", stack, {"region": "us-east-1"})
    return document(made, stack)


def difference(old: Program, new: Program) -> list[tuple[str, str, tuple[str, ...], str]]:
    found = changes(graph_of(old), graph_of(new))
    return [(each.action, each.resource.name, each.inputs, each.risk) for each in found]


def table(name: str = "items", *, hash_key: str = "id", **options: object) -> Program:
    attribute = {"name": hash_key, "type": "S"}
    return lambda: aws.dynamodb.Table(name, hash_key=hash_key, attributes=[attribute], **options)


def write(project: Path, output: Path) -> str:
    command = [sys.executable, "-m", "tools.graph", "write", "--project", project]
    options = ["--config", f"lambdaPython='{PYTHON}'", "--output", output]
    subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True)
    return output.read_text()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another folder with the same program."""
    folder = tmp_path_factory.mktemp("elsewhere") / "project"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name in NO_PROGRAM or path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def base(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of dev by the program in the other folder."""
    output = tmp_path_factory.mktemp("base") / "dev.json"
    write(checkout, output)
    return output


@pytest.mark.slow
def test_another_folder_and_other_file_times_change_nothing(base: Path, tmp_path: Path):
    """The copies have other modification times than the files of the repository."""
    assert write(ROOT, tmp_path / "dev.json") == base.read_text()


@pytest.mark.slow
def test_an_edit_of_a_handler_changes_that_function_only(
    base: Path, checkout: Path, tmp_path: Path
):
    app = checkout / "handlers" / "outbox_pipeline" / "relay" / "app.py"
    before = app.read_text()
    app.write_text(before + "\n# edited\n")
    try:
        write(checkout, tmp_path / "dev.json")
    finally:
        app.write_text(before)
    found = changes(load(base), load(tmp_path / "dev.json"))
    assert [(each.action, each.resource.name, each.inputs) for each in found] == [
        ("updated", "orders-relay", ("code",))
    ]


@pytest.mark.slow
def test_the_dev_stack_has_no_warnings(base: Path):
    made = load(base)
    assert made.messages == []
    assert {"orders", "todo"} <= made.systems().keys()


def test_loss_of_data_is_a_risk():
    kept = table()
    assert difference(kept, table("others")) == [
        ("deleted", "items", (), "loses its items"),
        ("created", "others", (), ""),
    ]
    assert difference(kept, table(hash_key="key")) == [
        ("replaced", "items", ("hashKey",), "loses its items")
    ]
    assert difference(table(deletion_protection_enabled=True), kept) == [
        (
            "updated",
            "items",
            ("deletionProtectionEnabled",),
            "no longer protected by deletionProtectionEnabled",
        )
    ]
    protected = table(opts=pulumi.ResourceOptions(protect=True))
    assert difference(protected, kept) == [
        ("updated", "items", ("protect",), "no longer protected by protect")
    ]


def test_a_resource_that_holds_no_data_may_be_deleted():
    rule = {"schedule_expression": "rate(1 hour)"}
    hourly, daily = (
        lambda: aws.cloudwatch.EventRule("tick", **rule),
        lambda: aws.cloudwatch.EventRule("tick", schedule_expression="rate(1 day)"),
    )
    assert difference(hourly, daily) == [("updated", "tick", ("scheduleExpression",), "")]
    assert difference(hourly, lambda: None) == [("deleted", "tick", (), "")]


def test_another_region_replaces_a_resource_of_any_type():
    here, there = (lambda r=r: aws.sns.Topic("news", region=r) for r in ("us-east-1", "eu-west-1"))
    assert difference(here, there) == [("replaced", "news", ("region",), "")]


def test_an_alias_keeps_the_resource():
    renamed = table("others", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="items")]))
    assert difference(table(), renamed) == [("renamed", "others", (), "")]


def test_the_children_of_an_aliased_component_follow_it():
    class Shelf(pulumi.ComponentResource):
        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None):
            super().__init__("colonnade:index:Shelf", name, {}, opts)
            table(f"{name}-items", opts=pulumi.ResourceOptions(parent=self))()

    renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
    assert difference(lambda: Shelf("old"), lambda: Shelf("new", renamed)) == [
        ("renamed", "new-items", (), "")
    ]


def test_a_graph_holds_no_secrets():
    def program() -> None:
        value = pulumi.Output.secret("hunter2")
        aws.ssm.Parameter("password", type="SecureString", value=value)

    text = graph_of(program).text()
    assert "hunter2" not in text
    assert "[secret]" in text


def test_assets_are_compared_by_content(tmp_path: Path):
    def upload(name: str, content: str) -> Program:
        file = tmp_path / name
        file.write_text(content)
        source = pulumi.FileAsset(str(file))
        return lambda: aws.s3.BucketObjectv2("page", bucket="b", key="k", source=source)

    assert difference(upload("one", "same"), upload("two", "same")) == []
    assert difference(upload("one", "this"), upload("two", "that")) == [
        ("updated", "page", ("source",), "")
    ]


@pytest.mark.parametrize("content", ["", "[]", '{"resources": [{"a": 1}]}'])
def test_a_file_that_is_not_a_graph_is_rejected(tmp_path: Path, capsys, content: str):
    (tmp_path / "prod.json").write_text(content)
    assert main(["compare", str(tmp_path), str(tmp_path)]) == 1
    assert "prod.json is not a graph" in capsys.readouterr().err
