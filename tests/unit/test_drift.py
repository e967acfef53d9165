"""Arguments that would show a difference at each preview: the rules of docs/drift.md."""

import json
import re
from collections import Counter

import pytest

from tests.conftest import Built
from tests.projects import ROOT

LISTED = re.findall(r"`([a-z0-9]+\.\w+)`", (ROOT / "docs" / "drift.md").read_text())
MANAGED_APART = {
    "aws:iam/role:Role": {"inlinePolicies", "managedPolicyArns"},
    "aws:ec2/routeTable:RouteTable": {"routes"},
    "aws:ec2/securityGroup:SecurityGroup": {"ingress", "egress"},
    "aws:sns/topic:Topic": {"policy"},
    "aws:sqs/queue:Queue": {"policy"},
    "aws:apigateway/restApi:RestApi": {"policy"},
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": {"settings"},
    "aws:wafv2/webAcl:WebAcl": {"ruleJson"},
}
"""Arguments that other resources manage, or that the provider cannot compare."""
ONE_OF_EACH = {
    "BucketCorsConfiguration": "bucket",
    "BucketLifecycleConfiguration": "bucket",
    "BucketNotification": "bucket",
    "BucketPolicy": "bucket",
    "KeyvaluestoreKeysExclusive": "keyValueStoreArn",
    "MethodSettings": "methodPath",
    "QueuePolicy": "queueUrl",
    "TopicPolicy": "arn",
}
"""Resources that replace a whole setting, and the input that names what they belong to."""
SETTINGS_OF_A_BUCKET = re.compile(
    r"acl|cors|grant|lifecycle|logging|objectLock|policy|replication|"
    r"serverSide|versioning|website|acceleration|requestPayer"
)


def test_every_type_is_on_the_page_once(graph: Built):
    used = {each.type for each in graph.resources if each.custom and "providers" not in each.type}
    names = {f"{kind.split(':')[1].split('/')[0]}.{kind.split(':')[2]}" for kind in used}
    assert names - set(LISTED) == set(), "read the provider's documentation, and add it"
    assert [name for name, times in Counter(LISTED).items() if times > 1] == []


@pytest.mark.parametrize("kind", sorted(MANAGED_APART))
def test_nothing_is_managed_twice(graph: Built, kind: str):
    for each in graph.resources:
        if each.type == kind:
            assert not MANAGED_APART[kind] & each.inputs.keys(), each.name


def test_the_settings_of_a_bucket_are_separate_resources(graph: Built):
    for bucket in graph.of("Bucket"):
        assert not [key for key in bucket.inputs if SETTINGS_OF_A_BUCKET.match(key)], bucket.name


@pytest.mark.parametrize("kind", sorted(ONE_OF_EACH))
def test_each_setting_has_one_resource(graph: Built, kind: str):
    made = graph.of(kind)
    owners = [(each.inputs.get("restApi"), each.inputs[ONE_OF_EACH[kind]]) for each in made]
    assert len(set(owners)) == len(owners)


def test_scaled_capacity_is_ignored(graph: Built):
    for table in graph.of("Table"):
        if table.inputs["billingMode"] == "PROVISIONED":
            assert {"readCapacity", "writeCapacity"} <= set(table.ignore_changes), table.name


def test_attributes_of_users_have_the_lengths_that_cognito_sets(graph: Built):
    for pool in graph.of("UserPool"):
        for schema in pool.inputs["schemas"]:
            assert schema["stringAttributeConstraints"].keys() == {"minLength", "maxLength"}


def test_public_keys_end_with_a_newline(graph: Built):
    for key in graph.of("PublicKey"):
        assert key.inputs["encodedKey"].endswith("\n"), key.name


def test_queues_count_receives_with_a_number(graph: Built):
    policies = [q.inputs["redrivePolicy"] for q in graph.of("Queue") if "redrivePolicy" in q.inputs]
    assert policies
    assert all(type(json.loads(each)["maxReceiveCount"]) is int for each in policies)


def test_policies_of_keys_are_not_separate(graph: Built):
    assert graph.of("Key") and not graph.of("KeyPolicy")


def test_processors_have_no_parameter_with_its_default(graph: Built):
    (stream,) = graph.of("FirehoseDeliveryStream")
    for processor in stream.inputs["extendedS3Configuration"]["processingConfiguration"][
        "processors"
    ]:
        assert [each["parameterName"] for each in processor["parameters"]] == ["LambdaArn"]


def test_the_fields_of_a_log_delivery_are_replaced(graph: Built):
    for delivery in graph.of("LogDelivery"):
        assert delivery.replace_on_changes == ["recordFields"], delivery.name
