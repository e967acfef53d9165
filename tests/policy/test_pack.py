"""The policy pack in its own environment, called over gRPC as Pulumi's engine does."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from local.engine.graph import Registration
from local.engine.values import reportable
from policy.rules import RULES
from tests.policy.programs import BOTH_SIDES, PROGRAMS, Program
from tests.projects import ROOT

pytestmark = pytest.mark.slow  # needs an environment of its own, see `make test`

PYTHON = ROOT / ".venv" / "policy-runtime" / "bin" / "python"
START = "import runpy; runpy.run_path('policy', run_name='__main__')"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # an unknown string, as Pulumi's engine writes it


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Any]:
    """The server of the pack, for the stack `prod`."""
    stack = {"PULUMI_PROJECT": "colonnade", "PULUMI_STACK": "prod", "PULUMI_DRY_RUN": "true"}
    with subprocess.Popen(
        [PYTHON, "-u", "-c", START],
        cwd=ROOT,
        env={**os.environ, **stack},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout
            port = server.stdout.readline().strip()
            assert port.isdigit()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            server.kill()


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(value)
    return made


def found_by_pack(resources: list[Registration], analyzer: Any) -> set[tuple[str, str]]:
    """Return rule and resource name of each violation that the pack finds."""
    found = []
    whole = []
    for each in resources:
        fields = {"urn": each.urn, "type": each.type, "name": each.name}
        properties = struct(reportable(each.inputs))
        found += analyzer.Analyze(
            analyzer_pb2.AnalyzeRequest(properties=properties, **fields)
        ).diagnostics
        whole.append(
            analyzer_pb2.AnalyzerResource(
                properties=properties, dependencies=each.dependencies, **fields
            )
        )
    found += analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=whole)).diagnostics
    return {(each.policyName, each.urn.rpartition("::")[2]) for each in found}


def test_the_pack_has_every_rule_and_each_is_mandatory(analyzer):
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert {each.name for each in info.policies} == {rule.name for rule in RULES}
    assert {each.enforcementLevel for each in info.policies} == {analyzer_pb2.MANDATORY}


@pytest.mark.parametrize(("rule", "bad", "good"), BOTH_SIDES)
def test_the_pack_finds_the_same_as_the_rules(
    analyzer, resources, rule: str, bad: Program, good: Program
):
    assert {name for name, _ in found_by_pack(resources(bad), analyzer)} == {rule}
    assert found_by_pack(resources(good), analyzer) == set()


def test_unknown_values_hide_no_other_violation(analyzer, resources):
    bad, _ = PROGRAMS["tls-policy"]
    made = resources(bad)
    for each in made:
        each.inputs["bucket"] = UNKNOWN
    assert ("tls-policy", "it") in found_by_pack(made, analyzer)
