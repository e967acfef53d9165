"""Resource policies contain only what their service accepts. AWS rejects others during `up`."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session

from local.engine.graph import Registration
from tests.conftest import Built
from tests.unit.policies import statements

# "Valid Amazon SNS policy actions". Others are "out of service scope".
# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
SNS = {
    f"sns:{action}"
    for action in (
        "AddPermission",
        "DeleteTopic",
        "GetDataProtectionPolicy",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "ListTagsForResource",
        "Publish",
        "PutDataProtectionPolicy",
        "RemovePermission",
        "SetTopicAttributes",
        "Subscribe",
    )
}
# "Enforce encryption of data in transit" has the wildcard; the others are the queue's own actions.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
SQS = {
    f"sqs:{action}"
    for action in (
        "*",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ReceiveMessage",
        "SendMessage",
    )
}
# Each action applies to a bucket or to its objects. S3 rejects a statement without the right kind.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
S3_OBJECTS = {"s3:*", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"}
S3_BUCKET = {
    "s3:*",
    "s3:GetBucketLocation",
    "s3:GetBucketNotification",
    "s3:ListBucket",
    "s3:PutBucketNotification",
}
# A key policy takes the operations on a key.
# https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
_KMS = botocore.session.get_session().get_service_model("kms")
KMS = {
    f"kms:{operation}"
    for operation in _KMS.operation_names
    if "KeyId" in _KMS.operation_model(operation).input_shape.members
}
# https://docs.aws.amazon.com/redshift/latest/mgmt/zero-etl-using.setting-up.html
REDSHIFT = {"redshift:AuthorizeInboundIntegration", "redshift:CreateInboundIntegration"}
# A trust policy takes actions of STS only.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
STS = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"}

ACTIONS = {
    "aws:iam/role:Role": STS,
    "aws:kms/key:Key": KMS,
    "aws:redshift/resourcePolicy:ResourcePolicy": REDSHIFT,
    "aws:s3/bucketPolicy:BucketPolicy": S3_OBJECTS | S3_BUCKET,
    "aws:sns/topicPolicy:TopicPolicy": SNS,
    "aws:sqs/queuePolicy:QueuePolicy": SQS,
}


def resource_policies(graph: Built) -> Iterator[tuple[Registration, str]]:
    """Yield every policy that has principals, with its resource."""
    for resource in graph.resources:
        for value in resource.inputs.values():
            if isinstance(value, str) and '"Statement"' in value and '"Principal"' in value:
                yield resource, value


def granted(graph: Built, kind: str) -> Iterator[tuple[Registration, dict[str, Any]]]:
    for resource in graph.of(kind):
        for statement in statements(resource.inputs["policy"]):
            yield resource, statement


def test_services_accept_the_actions_of_their_resource_policies(graph: Built):
    found = set()
    for resource, policy in resource_policies(graph):
        assert resource.type in ACTIONS, f"list the actions that a {resource.type} accepts"
        found.add(resource.type)
        for statement in statements(policy):
            assert set(statement["Action"]) <= ACTIONS[resource.type], resource.name
    assert len(found) > 4


def test_functions_can_only_be_invoked_by_their_resource_policies(graph: Built):
    """https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html"""
    actions = {each.inputs["action"] for each in graph.of("Permission")}
    assert actions <= {"lambda:InvokeFunction"}


def test_topic_and_queue_policies_name_their_own_topic_or_queue(graph: Built):
    queues = {each.outputs["url"]: each.outputs["arn"] for each in graph.of("Queue")}
    for policy, statement in granted(graph, "QueuePolicy"):
        assert statement["Resource"] == [queues[policy.inputs["queueUrl"]]], policy.name
    for policy, statement in granted(graph, "TopicPolicy"):
        assert statement["Resource"] == [policy.inputs["arn"]], policy.name


def test_statements_of_a_topic_policy_have_different_ids(graph: Built):
    for policy in graph.of("TopicPolicy"):
        ids = [statement["Sid"] for statement in statements(policy.inputs["policy"])]
        assert len(set(ids)) == len(ids) > 0, policy.name


def test_actions_of_a_bucket_policy_apply_to_their_resources(graph: Built):
    for policy, statement in granted(graph, "BucketPolicy"):
        of_objects = {each.endswith("/*") for each in statement["Resource"]}
        for action in statement["Action"]:
            fits = {True} if action not in S3_BUCKET else {False}
            assert of_objects >= ({True, False} if action == "s3:*" else fits), policy.name


def test_the_account_can_always_change_a_key_policy(graph: Built):
    """KMS rejects a policy that locks its caller out of the key."""
    for key in graph.of("Key"):
        account = [
            statement
            for statement in statements(key.inputs["policy"])
            if ":root" in json.dumps(statement["Principal"])
        ]
        assert any("kms:PutKeyPolicy" in each["Action"] for each in account), key.name
        assert {r for each in account for r in each["Resource"]} == {"*"}, key.name
