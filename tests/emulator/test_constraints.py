"""Values that AWS refuses, although botocore sends them, fail a deployment."""

import pkgutil
import re
from pathlib import Path

import boto3
import pytest

import local.creators
from local.engine import unsent_calls
from local.engine.constraints import matches
from local.engine.not_emulated import NOT_EMULATED
from local.errors import DeploymentError

REFUSED = """
import pulumi_aws as aws
aws.cloudwatch.MetricAlarm(
    "enum",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="Errors",
    namespace="AWS/Lambda",
    period=60,
    statistic="Median",
)
aws.iam.Role("pattern", name="no blanks", assume_role_policy="{}")
aws.kms.Key("length", description="d" * 8193)
aws.lambda_.EventSourceMapping(
    "range",
    function_name="handle",
    batch_size=10001,
    event_source_arn="arn:aws:sqs:us-east-1:000000000000:jobs",
)
aws.appautoscaling.Target(
    "unsent",
    min_capacity=1,
    max_capacity=10,
    resource_id="table/orders",
    scalable_dimension="dynamodb:table:Units",
    service_namespace="dynamodb",
)
"""

PIPELINE = """
from components import DeliveryPipeline
stage = {"stack": "dev", "role_arn": "arn:aws:iam::000000000000:role/deploy-dev"}
DeliveryPipeline(
    "platform",
    {
        "connection_arn": "arn:aws:codeconnections:us-east-1:000000000000:connection/ID",
        "repository": "OWNER/REPOSITORY",
        "stages": [stage],
        "pulumi_cli": {"version": "3.272.0", "sha256": "0" * 64},
        "backend_url": "s3://state",
        "secrets_provider": "awskms://alias/key?region=us-east-1",
    },
)
"""


def test_enum_pattern_length_and_range_are_checked_by_resource_and_argument(deploy):
    with pytest.raises(DeploymentError) as caught:
        deploy(REFUSED)
    found = {each.split(": ")[0].rpartition("::")[2]: each for each in caught.value.problems}
    assert {name: each.partition(": ")[2] for name, each in found.items()} == {
        "enum": "argument statistic: 'Median' is none of Average, Maximum, Minimum,"
        " SampleCount, Sum (Statistic of PutMetricAlarm)",
        "pattern": "RoleName of CreateRole: 'no blanks' does not match the pattern [\\w+=,.@-]+",
        "length": "argument description: the length 8193 is more than 8192"
        " (Description of CreateKey)",
        "range": "argument batchSize: the value 10001 is more than 10000"
        " (BatchSize of CreateEventSourceMapping)",
        "unsent": found["unsent"].partition(": ")[2],
    }
    assert "scalableDimension: 'dynamodb:table:Units' is none of " in found["unsent"]


def test_pipelines_and_builds_are_checked_although_they_are_only_recorded(deploy):
    reports: list[dict] = []
    deploy(PIPELINE, listen=reports.append)
    said = [each["message"] for each in reports if each["event"] == "not_emulated"]
    assert any(each.startswith("aws:codepipeline/pipeline:Pipeline") for each in said)
    assert not [each for each in said if "not checked" in each]


def test_every_type_that_is_only_recorded_is_checked():
    # The provider's own type of dashboards is not used: components create them by Cloud Control.
    assert set(NOT_EMULATED) - set(unsent_calls.CHECKS) == {"aws:quicksight/dashboard:Dashboard"}


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        (r"[a-z]+", "ab c", False),  # all of the text
        (r"[\p{L}\p{Z}]*", "Zoë Ω", True),
        (r"[\p{L}\p{Z}]*", "Zoë 1", False),
        (r"\P{C}*", "a\x00", False),
        (r"\p{Print}+", "a ~", True),
        (r"\p{Print}+", "ë", False),
        (r"[\p{L}]*", "", True),
        (r"[\w-_]+", "a-b_c", True),
        (r"\w+", "ë", False),  # ASCII
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a\t🙂", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "\x01", False),
        (r"(?i)\A[a-z]+\z", "Ab", True),
    ],
)
def test_patterns_of_java_are_read(pattern: str, text: str, matched: bool):
    assert matches(pattern, text) == matched


def test_every_pattern_of_the_services_in_use_is_read():
    session = boto3.session.Session()
    services = set()
    for module in ("engine/unsent_calls.py", *_creators()):
        source = (Path(local.creators.__file__).parents[1] / module).read_text()
        services |= set(
            re.findall(r'\b(?:call|check|_call|Call|client)\(\s*"([a-z0-9-]+)"', source)
        )
    services &= set(session.get_available_services())
    assert {"acm", "iot", "quicksight", "wafv2"} <= services
    for service in services:
        model = session._session.get_service_model(service)
        for name in model.shape_names:
            if pattern := model.shape_for(name).metadata.get("pattern"):
                matches(pattern, "é a")  # raises re.error


def _creators() -> list[str]:
    modules = pkgutil.iter_modules(local.creators.__path__)
    return [f"creators/{each.name}.py" for each in modules]
