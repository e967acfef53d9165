"""`python -m tools.checkov`: a graph as Terraform JSON."""

import json
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest

from local.engine import preview
from tools.checkov.__main__ import main
from tools.checkov.terraform import terraform_type
from tools.graph.document import document


def program() -> None:
    bucket = aws.s3.Bucket("pages", force_destroy=True, tags={"costCenter": "web"})
    aws.s3.BucketPublicAccessBlock("private", bucket=bucket.id, block_public_acls=True)
    aws.dynamodb.Table(
        "items",
        hash_key="userId",
        attributes=[{"name": "userId", "type": "S"}],
        global_secondary_indexes=[{"name": "byUser", "projection_type": "ALL"}],
        server_side_encryption={"enabled": True},
    )
    api = aws.apigateway.RestApi("api")
    aws.apigateway.Deployment("release", rest_api=api.id)
    vpc = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
    aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id)
    topic = aws.sns.Topic("alarms")
    aws.cloudwatch.MetricAlarm(
        "errors", comparison_operator="LessThanThreshold", alarm_actions=[topic.arn]
    )


@pytest.fixture
def resources(tmp_path: Path) -> dict[str, Any]:
    made = preview.run(program, {}, "colonnade", "prod", {"region": "us-east-1"})
    graph, output = tmp_path / "graph.json", tmp_path / "new" / "prod.tf.json"
    graph.write_text(document(made, "prod").text())
    assert main([str(graph), str(output)]) == 0
    return json.loads(output.read_text())["resource"]


def test_resources_have_the_types_of_terraform_and_refer_to_each_other(resources: dict[str, Any]):
    block = resources["aws_s3_bucket_public_access_block"]["private"]
    assert block["bucket"] == "${aws_s3_bucket.pages.id}" and block["block_public_acls"] is True
    release = resources["aws_api_gateway_deployment"]["release"]
    assert release["rest_api_id"] == "${aws_api_gateway_rest_api.api.id}"
    assert resources["aws_default_security_group"]["closed"]["vpc_id"] == "${aws_vpc.network.id}"
    alarm = resources["aws_cloudwatch_metric_alarm"]["errors"]
    assert alarm["alarm_actions"] == ["${aws_sns_topic.alarms.id}"]


def test_arguments_and_blocks_have_the_names_of_terraform(resources: dict[str, Any]):
    table = resources["aws_dynamodb_table"]["items"]
    assert table["attribute"] == [{"name": "userId", "type": "S"}]
    assert table["global_secondary_index"] == [{"name": "byUser", "projection_type": "ALL"}]
    assert table["server_side_encryption"] == {"enabled": True}
    assert resources["aws_s3_bucket"]["pages"]["tags"] == {"costCenter": "web"}
    assert all(
        each["lifecycle"] == {"create_before_destroy": True}
        for named in resources.values()
        for each in named.values()
    )


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("aws:ec2/flowLog:FlowLog", "aws_flow_log"),
        ("aws:cloudwatch/logGroup:LogGroup", "aws_cloudwatch_log_group"),
        ("aws:codepipeline/pipeline:Pipeline", "aws_codepipeline"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", "aws_s3_object"),
        (
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "aws_vpc_security_group_egress_rule",
        ),
    ],
)
def test_the_type_in_terraform(type_: str, name: str):
    assert terraform_type(type_) == name


def test_other_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    graph = tmp_path / "graph.json"
    assert main([str(graph), str(tmp_path / "prod.json")]) == 1
    assert "must end in .tf.json" in capsys.readouterr().err
    assert main([str(graph), str(tmp_path / "prod.tf.json")]) == 1
    assert "cannot read" in capsys.readouterr().err
