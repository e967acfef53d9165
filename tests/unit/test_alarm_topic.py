"""AlarmTopic: only this account's alarms publish to it, and CloudWatch may use its key."""

import pytest

from components.alarm_topic import AlarmTopic
from local.engine.preview import ACCOUNT
from tests.conftest import Build
from tests.unit.conftest import statements


def test_only_alarms_of_this_account_and_region_publish(build: Build):
    graph = build(lambda: AlarmTopic("alarms", {"email": "ops@example.com"}))
    (allowed,) = [
        s for s in statements(graph.one("alarms-policy").inputs["policy"]) if s["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["ArnEquals"] == {
        "aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"
    }


def test_cloudwatch_may_encrypt_and_the_account_administers_the_key(build: Build):
    graph = build(lambda: AlarmTopic("alarms", {"email": "ops@example.com"}))
    account, service = statements(graph.one("alarms-key").inputs["policy"])
    assert account["Principal"]["AWS"].endswith(":root")
    assert "kms:PutKeyPolicy" in account["Action"] and "kms:Decrypt" not in account["Action"]
    assert service["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert (
        graph.one("alarms-topic").inputs["kmsMasterKeyId"] == graph.one("alarms-key").outputs["arn"]
    )


def test_alarms_of_another_region_have_their_topic_there(build: Build):
    args = {"email": "ops@example.com", "region": "eu-west-1"}
    graph = build(lambda: AlarmTopic("alarms", args))
    own = [each for each in graph.resources if each.custom and "providers" not in each.type]
    assert len(own) == 4
    assert {each.inputs.get("region") for each in own} == {"eu-west-1"}


@pytest.mark.parametrize("args", [{"email": "nobody"}, {}, {"email": "a@b.c", "phone": "1"}])
def test_bad_arguments_are_refused_by_name(build: Build, args: dict):
    with pytest.raises(
        ValueError, match=r"AlarmTopic 'alarms' has invalid arguments:\n  (email|phone): "
    ):
        build(lambda: AlarmTopic("alarms", args))
