"""permissions_boundary: every role of a stack or a component has the boundary."""

import json
import re
import runpy
from collections.abc import Callable
from fnmatch import fnmatchcase

import pulumi
import pulumi_aws as aws
import pytest

from components.permissions_boundary import permissions_boundary
from local.engine import stackconfig
from tests.conftest import Build, Built, run
from tests.contract.test_contract import PROGRAMS
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def boundaries(graph: Built) -> set[str | None]:
    return {each.inputs.get("permissionsBoundary") for each in graph.of("Role")}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_every_role_of_a_component_has_the_boundary(
    build: Build, program: Callable[[pulumi.ResourceOptions], pulumi.Resource]
):
    options = pulumi.ResourceOptions(transforms=[permissions_boundary(BOUNDARY)])
    graph = build(lambda: program(options))
    assert boundaries(graph) <= {BOUNDARY}
    others = {each.type for each in graph.resources if "permissionsBoundary" in each.inputs}
    assert others <= {"aws:iam/role:Role"}


@pytest.mark.parametrize("arn", [BOUNDARY, ""])
def test_every_role_of_the_platform_has_the_boundary_of_its_setting(arn: str):
    settings = {"systems": ["orders"], "permissionsBoundaryArn": arn, "lambdaPython": PYTHON}
    config = stackconfig.load(ROOT, "dev", settings)
    program = str(ROOT / "__main__.py")
    graph = run(lambda: runpy.run_path(program, run_name="__main__"), config.values, "dev")
    assert len(graph.of("Role")) > 3 and boundaries(graph) == {arn or None}


def test_a_role_keeps_its_own_boundary(build: Build):
    def program() -> None:
        pulumi.runtime.register_resource_transform(permissions_boundary(BOUNDARY))
        aws.iam.Role("r", assume_role_policy="{}", permissions_boundary=f"{BOUNDARY}-of-its-own")

    assert boundaries(build(program)) == {f"{BOUNDARY}-of-its-own"}


@pytest.mark.parametrize("arn", ["", "boundary", "arn:aws:iam::123456789012:role/r"])
def test_the_error_names_the_invalid_argument(arn: str):
    message = f"policy_arn: is '{arn}'; it must be the ARN of an IAM policy"
    with pytest.raises(ValueError, match=message):
        permissions_boundary(arn)


def test_the_boundary_of_the_guide_allows_what_the_roles_of_the_platform_need(graph: Built):
    guide = (ROOT / "docs" / "deploying.md").read_text()
    documents = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", guide, re.DOTALL)]
    (boundary,) = [each for each in documents if "dynamodb:*" in str(each)]
    everywhere, pass_role = boundary["Statement"]
    assert pass_role["Action"] == "iam:PassRole" and "Condition" in pass_role
    allowed = [*everywhere["Action"], pass_role["Action"]]
    needed = {
        action
        for policy in graph.of("RolePolicy")
        for statement in statements(policy.inputs["policy"])
        for action in statement["Action"]
    }
    assert len(needed) > 30
    assert [a for a in needed if not any(fnmatchcase(a, pattern) for pattern in allowed)] == []
    wide = [each for each in everywhere["Action"] if each.startswith(("iam:", "sts:", "*"))]
    assert not wide


def test_the_example_of_the_guide_runs(build: Build):
    guide = (ROOT / "docs" / "importing.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    program = program.replace("from colonnade", "from components")
    graph = build(lambda: exec(program.replace("{}", f'{{"functions": {{"python": "{PYTHON}"}}}}')))
    assert boundaries(graph) == {BOUNDARY}
