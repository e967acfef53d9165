"""ApiAccount: a role that can only write logs, and that outlives the stack."""

import pytest

from components.api_account import ApiAccount
from tests.conftest import Build
from tests.unit.policies import statements


def test_the_role_can_only_write_logs_and_is_retained(build: Build):
    graph = build(lambda: ApiAccount("api", {}))
    role, account = graph.one("api-logs-role"), graph.one("api-account")
    (trust,) = statements(role.inputs["assumeRolePolicy"])
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    (allowed,) = statements(graph.one("api-logs-policy").inputs["policy"])
    assert all(action.startswith("logs:") for action in allowed["Action"])
    assert account.inputs["cloudwatchRoleArn"] == role.outputs["arn"]
    assert graph.one("api").outputs["logs_role_arn"] == role.outputs["arn"]
    assert all(each.retain_on_delete for each in graph.resources if each.custom)


def test_the_error_names_the_invalid_argument(build: Build):
    with pytest.raises(ValueError, match="ApiAccount 'api' has invalid arguments:\n  role: "):
        build(lambda: ApiAccount("api", {"role": "x"}))
