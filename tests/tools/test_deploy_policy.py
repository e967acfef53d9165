"""The policies of the roles that preview and deploy a stack."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.todo_list import TodoList
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit import test_house_rules_of_options as options
from tests.unit.blocks.test_capacity import CAPACITY
from tools.deploy_policy import __main__ as command
from tools.deploy_policy.actions import FUNCTIONS
from tools.deploy_policy.data import action
from tools.deploy_policy.documents import (
    HIGHEST_QUOTA,
    MAX_CHARACTERS,
    MAX_POLICIES,
    documents,
    size,
)
from tools.deploy_policy.needs import actions_of
from tools.deploy_policy.statements import Place
from tools.stack_outputs import CommandError

ACCOUNT = "123456789012"
TAGS = {"project": "colonnade", "stack": "test"}
PLACE = Place(ACCOUNT, "eu-west-1", TAGS, frozenset({"Z1"}))
TYPES = {
    "aws:dynamodb/table:Table": ("dynamodb:CreateTable", "dynamodb:eu-west-1:{}:table/{}"),
    "aws:iam/role:Role": ("iam:CreateRole", "iam::{}:role/{}"),
    "aws:lambda/function:Function": ("lambda:CreateFunction", "lambda:eu-west-1:{}:function:{}"),
    "aws:sqs/queue:Queue": ("sqs:CreateQueue", "sqs:eu-west-1:{}:{}"),
    "aws:glue/catalogDatabase:CatalogDatabase": (
        "glue:CreateDatabase",
        "glue:eu-west-1:{}:database/{}",
    ),
    "aws:iot/topicRule:TopicRule": ("iot:CreateTopicRule", "iot:eu-west-1:{}:rule/{}"),
    "aws:dax/cluster:Cluster": ("dax:CreateCluster", "dax:eu-west-1:{}:cache/{}"),
    "aws:cloudwatch/dashboard:Dashboard": (
        "cloudwatch:PutDashboard",
        "cloudwatch::{}:dashboard/{}",
    ),
}
"""A type -> an action on it, and its ARN."""


@pytest.fixture(scope="module")
def made(graphs: dict[str, Built]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The documents of each role of each stack."""
    return {
        stack: command.policies(graph.resources, graph.invokes, PLACE)
        for stack, graph in graphs.items()
    }


def statements(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for document in documents for each in document["Statement"]]


def of(documents: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [each for each in statements(documents) if name in each["Action"]]


def allows(documents: list[dict[str, Any]], name: str, arn: str) -> bool:
    return any(fnmatchcase(arn, each) for some in of(documents, name) for each in some["Resource"])


def custom(graph: Built) -> list[str]:
    return sorted({each.type for each in graph.resources if each.type.startswith("aws:")})


def test_every_type_can_be_created_read_and_deleted(graph: Built, made):
    named = {
        name
        for documents in made.values()
        for each in statements(documents["deploy"])
        for name in each["Action"]
    }
    for type_ in custom(graph):
        found = actions_of(type_)
        needed = {name for some in found.values() for name in some}
        assert needed and needed <= named, type_


def test_every_type_of_the_options_has_actions(build: Build):
    args = {
        "openapi": (ROOT / "apis" / "todo.yaml").read_text(),
        "site_url": "https://todo.example.com",
        "functions": {"python": PYTHON},
        "capacity": CAPACITY,
        "release": {},
    }
    for program in (options.program, lambda: TodoList("todo", args)):
        graph = build(program)
        documents = command.policies(graph.resources, graph.invokes, PLACE)["deploy"]
        assert len(documents) <= MAX_POLICIES


def test_an_unknown_type_is_refused_with_the_file_to_change(build: Build):
    graph = build(lambda: aws.sfn.Activity("steps"))
    with pytest.raises(CommandError, match=r"aws:sfn/activity:Activity.*deploy_policy/actions\.py"):
        command.policies(graph.resources, graph.invokes, PLACE)


def test_every_function_of_the_provider_has_its_actions(graph: Built):
    assert {each.function for each in graph.invokes} <= set(FUNCTIONS)


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_policies_are_within_the_limits_of_iam(made, role: str):
    for stack in made.values():
        assert 1 < len(stack[role]) <= HIGHEST_QUOTA
        assert all(size(each) <= MAX_CHARACTERS for each in stack[role])


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_actions_are_known_to_iam_and_never_all(made, role: str):
    for stack in made.values():
        for each in statements(stack[role]):
            for name in each["Action"]:
                assert "*" not in name
                assert action(name).name == name
                # Without permissions on single resources, the regions limit an action.
                if each["Resource"] == ["*"]:
                    assert not action(name).resources, name
                    assert each["Condition"]["StringEquals"]["aws:RequestedRegion"]


def test_a_preview_only_reads(made):
    for stack in made.values():
        names = {name for each in statements(stack["preview"]) for name in each["Action"]}
        assert not [name for name in names if action(name).write]


def test_what_functions_of_the_provider_read_is_allowed_to_previews_and_deploys(made):
    for role in ("preview", "deploy"):
        documents = made["prod"][role]
        assert allows(documents, "kms:GetPublicKey", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1")
        assert of(documents, "ec2:DescribeManagedPrefixLists")
        assert of(documents, "ec2:GetManagedPrefixListEntries")


def test_logs_of_distributions_can_be_delivered(made):
    for name in (
        "logs:PutDeliverySource",
        "logs:PutDeliveryDestination",
        "logs:CreateDelivery",
        "logs:PutResourcePolicy",
        "cloudfront:AllowVendedLogDeliveryForResource",
    ):
        assert of(made["prod"]["deploy"], name), name


def test_names_of_the_stack_are_allowed_and_no_others(graph: Built, made):
    documents = made["prod"]["deploy"]
    for each in graph.resources:
        if each.type in TYPES and not each.inputs.get("region"):
            name, arn = TYPES[each.type]
            own = next(
                (
                    each.inputs[key]
                    for key in ("clusterName", "dashboardName")
                    if key in each.inputs
                ),
                each.outputs.get("name", ""),
            )
            assert allows(documents, name, f"arn:aws:{arn.format(ACCOUNT, own)}"), own
    for name, arn in TYPES.values():
        assert not allows(documents, name, f"arn:aws:{arn.format(ACCOUNT, 'billing-1a2b3c4')}")
        other = f"arn:aws:{arn.format('111122223333', 'orders-1a2b3c4')}"
        assert not allows(documents, name, other)


def test_contents_of_buckets_are_only_for_deploys_of_pages(graphs, made):
    pages = {
        each.inputs["bucket"]
        for each in graphs["prod"].resources
        if each.type == "aws:s3/bucketObjectv2:BucketObjectv2"
    }
    for bucket in graphs["prod"].of("Bucket"):
        name = bucket.outputs["bucket"]
        for action_ in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert allows(made["prod"]["deploy"], action_, f"arn:aws:s3:::{name}/index.html") == (
                name in pages
            )
    assert not of(made["prod"]["preview"], "s3:GetObject")


def test_buckets_without_retained_data_can_be_emptied(graphs, made):
    for bucket in graphs["dev"].of("Bucket"):
        version = f"arn:aws:s3:::{bucket.outputs['bucket']}/old"
        assert allows(made["dev"]["deploy"], "s3:DeleteObjectVersion", version)


def test_names_with_the_id_of_an_api_are_allowed(build: Build):
    def program() -> None:
        api = aws.apigateway.RestApi("orders")
        name = pulumi.Output.concat("API-Gateway-Execution-Logs_", api.id, "/live")
        aws.cloudwatch.LogGroup("orders-execution", name=name)

    graph = build(program)
    documents = command.policies(graph.resources, graph.invokes, PLACE)["deploy"]
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:API-Gateway-Execution-Logs_a1b2c3/live"
    assert allows(documents, "logs:CreateLogGroup", group)
    assert not allows(documents, "logs:CreateLogGroup", group.replace("API", "VPC"))


def test_changes_of_what_only_an_id_names_ask_for_the_tags_of_the_stack(made):
    tags = {f"aws:ResourceTag/{key}": value for key, value in TAGS.items()}
    for name in ("kms:ScheduleKeyDeletion", "cognito-idp:DeleteUserPool", "ec2:DeleteVpc"):
        [statement] = of(made["prod"]["deploy"], name)
        assert statement["Condition"] == {"StringEquals": tags}


def test_own_roles_are_passed_to_the_services_that_they_trust(made):
    [statement] = of(made["prod"]["deploy"], "iam:PassRole")
    assert f"arn:aws:iam::{ACCOUNT}:role/orders-*" in statement["Resource"]
    services = statement["Condition"]["StringEquals"]["iam:PassedToService"]
    assert {"lambda.amazonaws.com", "apigateway.amazonaws.com"} < set(services)
    [linked] = of(made["prod"]["deploy"], "iam:CreateServiceLinkedRole")
    assert "dax.amazonaws.com" in linked["Condition"]["StringEquals"]["iam:AWSServiceName"]
    assert not of(made["prod"]["deploy"], "iam:AttachRolePolicy")


def test_roles_keep_their_boundary(build: Build):
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"

    def program() -> None:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "x"}}
        document = json.dumps({"Statement": [trust]})
        aws.iam.Role("works", assume_role_policy=document, permissions_boundary=boundary)

    graph = build(program)
    documents = command.policies(graph.resources, graph.invokes, PLACE)["deploy"]
    limit = {"StringEquals": {"iam:PermissionsBoundary": [boundary]}}
    for name in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
        assert [each["Condition"] for each in of(documents, name)] == [limit]
    assert not of(documents, "iam:DeleteRolePermissionsBoundary")
    assert "Condition" not in of(documents, "iam:GetRole")[0]


def test_a_key_of_another_stack_is_used_only_by_stores(build: Build):
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234"

    def program() -> None:
        aws.sqs.Queue("own", kms_master_key_id=aws.kms.Key("own").arn)
        aws.secretsmanager.Secret("works", kms_key_id=key)

    graph = build(program)
    documents = command.policies(graph.resources, graph.invokes, PLACE)["deploy"]
    [statement] = of(documents, "kms:GenerateDataKey")
    assert statement["Resource"] == [key]
    limit = {"kms:ViaService": ["*.eu-west-1.amazonaws.com"]}
    assert statement["Condition"] == {"StringLike": limit}


def test_documents_are_split_before_the_limit():
    one = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["r" * 3000]}
    assert [len(each["Statement"]) for each in documents([one] * 3)] == [1, 1, 1]
    assert [len(each["Statement"]) for each in documents([{**one, "Resource": ["r"]}] * 3)] == [3]


def test_the_command_writes_files_and_asks_for_the_account(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert command.main(["--account", "1"]) == 1
    assert "12 digits" in capsys.readouterr().err
    (tmp_path / "deploy-test-9.json").write_text("of an older run")
    command.write({"preview": [], "deploy": documents([])}, tmp_path, "test")
    assert not list(tmp_path.iterdir())
