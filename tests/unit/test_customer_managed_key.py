"""customer_managed_key: every store of a stack or a component is encrypted with the key."""

import json
import re
import runpy
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.customer_managed_key import STORES, customer_managed_key
from local.engine import stackconfig
from local.engine.graph import Registration
from policy.rules.resource_types import RESOURCE_TYPES
from tests.conftest import Build, Built, run
from tests.projects import EVERYTHING, ROOT
from tests.unit.policies import statements
from tools.graph.rules import violations

KEY = "arn:aws:kms:us-east-1:123456789012:key/of-the-customer"
WITH_THEIR_OWN = {"aws:dax/cluster:Cluster", "aws:sns/topic:Topic"}
"""Topics have a key of their own already; DAX takes none."""
NOT_IN_PROD = {"aws:rds/cluster:Cluster"}


@pytest.fixture(scope="module")
def prod() -> Built:
    """The graph of prod with the key."""
    config = stackconfig.load(ROOT, "prod", {**EVERYTHING, "kmsKeyArn": KEY})
    program = str(ROOT / "__main__.py")
    provider = config.provider()
    return run(
        lambda: runpy.run_path(program, run_name="__main__"), config.values, "prod", provider
    )


def keys(value: Any) -> set[str]:
    """Return every ARN of a KMS key in the inputs of a resource."""
    return set(re.findall(r'arn:aws:kms:[^"\\]*', json.dumps(value, default=str)))


def without_files(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs that can be compared: a file differs from itself."""
    return {name: value for name, value in inputs.items() if name not in ("code", "source")}


def stores(graph: Built) -> list[Registration]:
    return [each for each in graph.resources if each.type in STORES]


def transformed(build: Build, key: str = KEY, **resources: Any) -> Built:
    """Create resources by functions, by name, after the transform is registered."""

    def program() -> None:
        pulumi.runtime.register_resource_transform(customer_managed_key(key))
        for name, create in resources.items():
            create(name)

    return build(program)


def test_every_store_of_prod_is_encrypted_with_the_key(prod: Built):
    functions = [each.name for each in prod.functions if "environment" not in each.inputs]
    without = [each.name for each in stores(prod) if KEY not in keys(each.inputs)]
    # Firehose encrypts records of a stream as the stream is encrypted.
    assert sorted(without) == sorted([*functions, "telemetry-delivery"])
    found = {each.type for each in stores(prod)}
    assert len(stores(prod)) > 90 and found == STORES.keys() - NOT_IN_PROD


def test_no_kind_of_store_is_left_out(prod: Built):
    encrypted = {each for each, facts in RESOURCE_TYPES.items() if facts.encrypted_by}
    assert encrypted & {each.type for each in prod.resources} <= STORES.keys() | WITH_THEIR_OWN


def test_prod_with_the_key_breaks_no_rule(prod: Built):
    assert violations(prod.resources, "prod") == []
    assert not [q.name for q in prod.of("Queue") if q.inputs.get("sqsManagedSseEnabled")]
    for each in prod.of("BucketServerSideEncryptionConfiguration"):
        (rule,) = each.inputs["rules"]
        assert rule["bucketKeyEnabled"] is True, each.name
        assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms", each.name


def test_only_the_key_differs(prod: Built):
    config = stackconfig.load(ROOT, "prod", EVERYTHING)
    program = str(ROOT / "__main__.py")
    plain = run(
        lambda: runpy.run_path(program, run_name="__main__"),
        config.values,
        "prod",
        config.provider(),
    )
    assert not any(KEY in keys(each.inputs) for each in plain.resources)
    old = {each.urn: without_files(each.inputs) for each in plain.resources}
    assert old.keys() == {each.urn for each in prod.resources}
    changed = {each.type for each in prod.resources if without_files(each.inputs) != old[each.urn]}
    of_streams = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
    assert changed == STORES.keys() - NOT_IN_PROD - {of_streams}


def test_a_firehose_with_direct_records_is_encrypted_with_the_key(build: Build):
    def create(name: str, **options: Any) -> None:
        s3 = {"bucket_arn": "arn:aws:s3:::b", "role_arn": "arn:aws:iam::123456789012:role/r"}
        aws.kinesis.FirehoseDeliveryStream(
            name, destination="extended_s3", extended_s3_configuration=s3, **options
        )

    def direct(name: str) -> None:
        create(name, server_side_encryption={"enabled": True})

    graph = transformed(build, direct=direct, of_a_stream=create)
    assert graph.one("direct").inputs["serverSideEncryption"] == {
        "enabled": True,
        "keyType": "CUSTOMER_MANAGED_CMK",
        "keyArn": KEY,
    }
    assert "serverSideEncryption" not in graph.one("of_a_stream").inputs


def test_a_store_keeps_its_own_key_and_that_of_its_region(build: Build):
    other = KEY.replace("customer", "other")
    graph = transformed(
        build,
        queue=lambda name: aws.sqs.Queue(name, kms_master_key_id=other),
        secret=lambda name: aws.secretsmanager.Secret(name, kms_key_id=other),
        stream=lambda name: aws.kinesis.Stream(name, encryption_type="KMS", kms_key_id=other),
        bucket=lambda name: aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket="b",
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": other,
                    }
                }
            ],
        ),
        table=lambda name: aws.dynamodb.Table(
            name,
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            server_side_encryption={"enabled": True, "kms_key_arn": other},
        ),
    )
    assert len(stores(graph)) == 5
    assert {each.name for each in stores(graph) if keys(each.inputs) != {other}} == set()
    far = transformed(
        build,
        far=lambda name: aws.cloudwatch.LogGroup(name, region="eu-west-1"),
        near=lambda name: aws.cloudwatch.LogGroup(name, region="us-east-1"),
    )
    assert "kmsKeyId" not in far.one("far").inputs and far.one("near").inputs["kmsKeyId"] == KEY


def test_a_table_with_replicas_is_refused(build: Build):
    def table(name: str) -> None:
        aws.dynamodb.Table(
            name,
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            replicas=[{"region_name": "eu-west-1"}],
        )

    with pytest.raises(Exception, match="a key of one region cannot encrypt a table with replicas"):
        transformed(build, table=table)


@pytest.mark.parametrize("arn", ["", "alias/data", KEY.replace("key/", "alias/")])
def test_the_error_names_the_invalid_argument(arn: str):
    with pytest.raises(ValueError, match=f"key_arn: is '{arn}'; it must be the ARN of a KMS key"):
        customer_managed_key(arn)


def test_the_policy_of_the_guide_lets_every_service_of_prod_use_the_key(prod: Built):
    guide = (ROOT / "docs" / "security.md").read_text()
    (text,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    policy = {each["Sid"]: each for each in json.loads(text)["Statement"]}
    users = policy["UsersOfTheStores"]["Condition"]["StringEquals"]
    assert users["kms:CallerAccount"] == "ACCOUNT"
    via = {each.split(".")[0] for each in users["kms:ViaService"]}
    by_principal = {"cloudwatch"}  # logs and archives, which their own services encrypt
    assert {each.split(":")[1].split("/")[0] for each in STORES} <= via | by_principal
    allowed = {
        each["Principal"]["Service"].split(".")[0]
        for each in policy.values()
        if "Service" in each["Principal"]
    }
    senders = {
        service.split(".")[0]
        for each in [*prod.of("QueuePolicy"), *prod.of("BucketPolicy")]
        for statement in statements(each.inputs["policy"])
        if statement["Effect"] == "Allow"
        for service in [statement["Principal"]["Service"]]
    }
    assert senders and senders | {"logs"} <= allowed
    for name, each in policy.items():
        assert "Condition" in each or name in ("Administration", "NotificationsOfBucketsToQueues")
