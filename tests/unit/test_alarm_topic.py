"""AlarmTopic: only this account's alarms can publish, and CloudWatch can use the key."""

import pytest

from components.alarm_topic import AlarmTopic
from local.engine.preview import ACCOUNT
from tests.conftest import Build
from tests.unit.policies import statements


def test_only_alarms_of_this_account_and_region_can_publish(build: Build):
    graph = build(lambda: AlarmTopic("alarms", {"email": "ops@example.com"}))
    (allowed,) = [
        s for s in statements(graph.one("alarms-policy").inputs["policy"]) if s["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["ArnEquals"] == {
        "aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"
    }


def test_cloudwatch_can_use_the_key_and_the_account_administers_it(build: Build):
    graph = build(lambda: AlarmTopic("alarms", {"email": "ops@example.com"}))
    account, service = statements(graph.one("alarms-key").inputs["policy"])
    assert account["Principal"]["AWS"].endswith(":root")
    assert "kms:PutKeyPolicy" in account["Action"] and "kms:Decrypt" not in account["Action"]
    assert service["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert (
        graph.one("alarms-topic").inputs["kmsMasterKeyId"] == graph.one("alarms-key").outputs["arn"]
    )


def test_the_topic_can_be_in_another_region(build: Build):
    args = {"email": "ops@example.com", "region": "eu-west-1"}
    graph = build(lambda: AlarmTopic("alarms", args))
    resources = [each for each in graph.resources if each.custom and "providers" not in each.type]
    assert len(resources) == 4
    assert {each.inputs.get("region") for each in resources} == {"eu-west-1"}


@pytest.mark.parametrize("args", [{"email": "nobody"}, {}, {"email": "a@b.c", "phone": "1"}])
def test_the_error_names_the_invalid_argument(build: Build, args: dict):
    with pytest.raises(
        ValueError, match=r"AlarmTopic 'alarms' has invalid arguments:\n  (email|phone): "
    ):
        build(lambda: AlarmTopic("alarms", args))
