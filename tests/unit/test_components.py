"""What holds for every component: its `pulumi.ResourceOptions` apply to its children and invokes,
and its arguments can be Outputs.
"""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components import IngestionPipeline, SignedContentDistribution, StaticSite, TodoList
from components._blocks import arguments
from local.engine import preview
from tests.conftest import Build, Built
from tests.contract.test_contract import PROGRAMS
from tests.projects import PYTHON, ROOT
from tools.graph.document import document

REGION = "eu-central-1"

Program = Callable[[pulumi.ResourceOptions | None], pulumi.Resource]


def sign(**args: Any) -> Program:
    document = (ROOT / "apis" / "videos.yaml").read_text()
    own: Any = {"openapi": document, "app_url": "https://example.com", **args}
    own["functions"] = {"python": PYTHON}
    return lambda opts: SignedContentDistribution("x", own, opts)


def ingest(**args: Any) -> Program:
    schema = (ROOT / "schemas" / "telemetry.yaml").read_text()
    own: Any = {"schema": schema, "functions": {"python": PYTHON}, **args}
    return lambda opts: IngestionPipeline("x", own, opts)


OPTIONAL: dict[str, Program] = {
    "SignedContentDistribution of a bucket": sign(content={"bucket_arn": "arn:aws:s3:::own"}),
    "IngestionPipeline with Redshift": ingest(redshift={}),
    "IngestionPipeline with QuickSight": ingest(
        quicksight={"principal_arn": f"arn:aws:quicksight:{REGION}:123456789012:user/default/x"}
    ),
    "StaticSite with a function at the edge": lambda opts: StaticSite(
        "x",
        {
            "content": str(ROOT / "tests" / "programs" / "site" / "site"),
            "edge_functions": {
                "origin-response": {"code": str(ROOT / "tests" / "programs" / "site" / "stamp")}
            },
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "TodoList with DAX": lambda opts: TodoList(
        "x",
        {
            "openapi": (ROOT / "apis" / "todo.yaml").read_text(),
            "site_url": "https://example.com",
            "dax": {},
            "functions": {"python": PYTHON},
        },
        opts,
    ),
}
"""Components with options that invoke functions of the provider."""


@pytest.fixture(params=[*PROGRAMS, *OPTIONAL])
def program(request: pytest.FixtureRequest) -> Program:
    return {**PROGRAMS, **OPTIONAL}[request.param]


def children(graph: Built) -> list[Any]:
    return [r for r in graph.resources if r.custom and not r.type.startswith("pulumi:providers")]


def test_children_and_invokes_use_the_provider_of_the_component(build: Build, program: Program):
    def in_another_region() -> None:
        provider = aws.Provider("elsewhere", region=REGION)
        program(pulumi.ResourceOptions(provider=provider))

    graph = build(in_another_region)
    provider = graph.one("elsewhere").urn
    assert len(children(graph)) >= 3
    assert {each.provider for each in children(graph)} == {provider}
    assert [each.function for each in graph.invokes if each.provider != provider] == []


def test_a_protected_component_protects_all_children(build: Build):
    """Also those whose data it does not retain."""
    program = sign(retain_data=False)
    graph = build(lambda: program(pulumi.ResourceOptions(protect=True)))
    assert {"Bucket", "Table", "UserPool"} <= {each.type.split(":")[-1] for each in graph.resources}
    assert [each.name for each in children(graph) if not each.protect] == []


def test_an_output_in_place_of_a_value_gives_the_same_graph(
    monkeypatch: pytest.MonkeyPatch, program: Program
):
    """An Output in an f-string, comparison or lookup fails or changes the graph."""
    plain, read = inputs(program), arguments._Reader._value

    def as_output(self: Any, path: str, hint: Any, *rest: Any) -> Any:
        value = read(self, path, hint, *rest)
        return pulumi.Output.from_input(value) if arguments._alternatives(hint)[1] else value

    monkeypatch.setattr(arguments._Reader, "_value", as_output)
    assert inputs(program) == plain


def inputs(program: Program) -> dict[str, dict[str, Any]]:
    """Return the inputs of each resource, with digests in place of files."""
    made = preview.run(lambda: started(program), {}, "colonnade", "test", {"region": REGION})
    return {each.urn: each.inputs for each in document(made, "test").resources}


def started(program: Program) -> None:
    program(None)
