"""IdleCost: prices in the output of a stack."""

import json

import pulumi
import pulumi_aws as aws
import pytest

from components import AutoscaledService, ContainerService
from components.idle_cost import IdleCost
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tools.graph.__main__ import main
from tools.graph.document import Document


def cost(build: Build, program) -> dict:
    def priced() -> None:
        prices = IdleCost()
        program()
        pulumi.export("idleCost", prices.output())

    return build(priced).outputs["idleCost"]


def test_dev_has_no_hourly_prices_and_prod_lists_its_own(graphs: dict[str, Built]):
    dev, prod = (graphs[stack].outputs["idleCost"] for stack in ("dev", "prod"))
    assert (dev["perHour"], dev["hourly"], dev["unpriced"]) == (0, {}, [])
    assert prod["perHour"] == pytest.approx(sum(prod["hourly"].values()))
    assert {"todo-api-stage: API cache of 0.5 GB", "todo-dax: DAX, 3 nodes dax.t3.small"} <= set(
        prod["hourly"]
    )
    assert prod["unpriced"] == []


def test_monthly_fees_are_those_of_the_resources(graph: Built):
    fees = {"MetricAlarm": 0.1, "Dashboard": 3, "Secret": 0.4, "Zone": 0.5, "LogMetricFilter": 0.3}
    expected = sum(len(graph.of(kind)) * fee for kind, fee in fees.items())
    expected += sum(3 if each.inputs.get("enableKeyRotation") else 1 for each in graph.of("Key"))
    expected += sum(5 + len(each.inputs["rules"]) for each in graph.of("WebAcl"))
    assert graph.outputs["idleCost"]["perMonth"] == pytest.approx(expected)


def test_a_web_acl_costs_its_rules_too(build: Build):
    visible = {
        "metric_name": "x",
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": False,
    }

    def program() -> None:
        rule = {"priority": 0, "visibility_config": visible, "action": {"block": {}}}
        countries = {"geo_match_statement": {"country_codes": ["AQ"]}}
        aws.wafv2.WebAcl(
            "acl",
            scope="REGIONAL",
            default_action={"allow": {}},
            visibility_config=visible,
            rules=[{**rule, "name": name, "statement": countries} for name in ("a", "b", "c")],
        )

    found = cost(build, program)
    assert (found["perMonth"], found["perMillion"]) == (8, {"WAF requests": 0.6})


def test_additional_metrics_and_alarms_on_several_metrics_are_priced(build: Build):
    def program() -> None:
        aws.cloudfront.MonitoringSubscription(
            "metrics",
            distribution_id="E1",
            monitoring_subscription={
                "realtime_metrics_subscription_config": {
                    "realtime_metrics_subscription_status": "Enabled"
                }
            },
        )
        metric = {"namespace": "AWS/CloudFront", "metric_name": "x", "period": 60, "stat": "Sum"}
        aws.cloudwatch.MetricAlarm(
            "alarm",
            comparison_operator="LessThanThreshold",
            evaluation_periods=1,
            threshold=1,
            metric_queries=[
                {"id": "a", "metric": metric},
                {"id": "b", "metric": metric},
                {"id": "c", "expression": "a + b", "return_data": True},
            ],
        )

    assert cost(build, program)["perMonth"] == pytest.approx(8 * 0.3 + 2 * 0.1)


def test_edge_functions_and_signatures_are_priced(build: Build):
    def program() -> None:
        aws.kms.Key("key", key_usage="SIGN_VERIFY", customer_master_key_spec="ECC_NIST_P256")
        aws.cloudfront.Distribution(
            "edge",
            enabled=True,
            origins=[{"origin_id": "o", "domain_name": "example.com"}],
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
            default_cache_behavior={
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "target_origin_id": "o",
                "viewer_protocol_policy": "https-only",
                "lambda_function_associations": [
                    {"event_type": "origin-request", "lambda_arn": "arn:aws:lambda:x:1"}
                ],
            },
        )

    assert cost(build, program)["perMillion"] == {
        "KMS signatures": 15,
        "CloudFront HTTPS requests": 1,
        "Lambda@Edge requests, without their duration": 0.6,
    }


@pytest.mark.parametrize(
    ("resource", "hourly"),
    [
        (
            lambda: aws.dynamodb.Table("t", read_capacity=10, write_capacity=5),
            {"t: 10 read and 5 write units": 0.00455},
        ),
        (lambda: aws.dynamodb.Table("t", billing_mode="PAY_PER_REQUEST"), {}),
        (lambda: aws.kinesis.Stream("s", shard_count=2), {"s: 2 shards": 0.03}),
        (lambda: aws.kinesis.Stream("s"), {"s: on-demand stream": 0.04}),
        (lambda: aws.ec2.NatGateway("n", subnet_id="s"), {"n: NAT gateway": 0.045}),
        (
            lambda: aws.ec2.VpcEndpoint(
                "e",
                vpc_id="v",
                service_name="x",
                vpc_endpoint_type="Interface",
                subnet_ids=["a", "b"],
            ),
            {"e: interface endpoint in 2 zones": 0.02},
        ),
        (lambda: aws.ec2.VpcEndpoint("e", vpc_id="v", service_name="x"), {}),
    ],
)
def test_hourly_prices(build: Build, resource, hourly):
    assert cost(build, resource)["hourly"] == hourly


def test_resources_without_a_price_are_listed(build: Build):
    def program() -> None:
        aws.ec2.Instance("machine")
        aws.dax.Cluster(
            "new",
            cluster_name="new",
            iam_role_arn="r",
            node_type="dax.x9.huge",
            replication_factor=1,
        )

    found = cost(build, program)
    assert found["unpriced"] == ["machine", "new"] and found["perHour"] == 0


def test_the_price_of_a_function_depends_on_memory_and_architecture(build: Build):
    def program() -> None:
        aws.lambda_.Function("f", role="r", memory_size=1024, architectures=["arm64"])

    assert cost(build, program)["perMillion"] == {"Lambda calls of 100 ms at 1024 MiB": 1.533}


def test_the_comment_compares_before_and_after(tmp_path, capsys):
    before = {"perHour": 0, "hourly": {}, "perMonth": 1, "perMillion": {}, "unpriced": []}
    after = {**before, "perHour": 0.045, "hourly": {"n: NAT gateway": 0.045}, "pricesOf": "2026"}
    for side, content in (("base", before), ("head", after)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "dev.json").write_text(Document("dev", [], [], content).text())
    assert main(["compare", str(tmp_path / "base"), str(tmp_path / "head")]) == 0
    text = capsys.readouterr().out
    assert "| dev | idle hour | 0 | 0.045 |  |" in text
    assert "| dev | idle hour |  | 0.045 | n: NAT gateway |" in text


def test_the_output_is_json(graph: Built):
    assert json.loads(json.dumps(graph.outputs["idleCost"]))["pricesOf"] >= "2026-11-21"


def test_tasks_are_billed_by_their_size(build: Build):
    network = {"vpc_id": "vpc-1", "subnet_ids": ["a", "b"]}
    image = {"image": "docker.io/library/nginx:1", "health_path": "/"}

    def program() -> None:
        ContainerService("small", {"network": {**network, "assign_public_ip": True}, **image})
        more = {"cpu": 1024, "memory": 2048, "architecture": "x86_64", "min_tasks": 1}
        ContainerService("large", {"network": network, **image, **more})

    found = cost(build, program)
    address = "2 tasks of 256 CPU units and 512 MiB with a public IPv4 address"
    small = 2 * (0.25 * 0.03238 + 0.5 * 0.00356 + 0.005)
    assert found["hourly"][f"small-service: {address}"] == pytest.approx(small, abs=1e-5)
    large = 0.04048 + 2 * 0.004445
    name = "large-service: 1 tasks of 1024 CPU units and 2048 MiB"
    assert found["hourly"][name] == pytest.approx(large, abs=1e-5)
    assert found["hourly"]["small-lb: load balancer"] == 0.0225
    assert found["unpriced"] == []


def test_instances_are_billed_by_their_type(build: Build):
    network = {"vpc_id": "vpc-1", "subnet_ids": ["a", "b"]}
    code = {"code": "serverless_api/health", "python": PYTHON}

    def program() -> None:
        AutoscaledService("small", {"network": {**network, "assign_public_ip": True}, **code})
        AutoscaledService("large", {"network": network, **code, "instance_type": "t4g.large"})
        AutoscaledService("other", {"network": network, **code, "instance_type": "c7g.large"})

    found = cost(build, program)
    small = "small-instances: 2 instances t4g.micro with a public IPv4 address"
    assert found["hourly"][small] == pytest.approx(2 * (0.0084 + 0.005))
    assert found["hourly"]["large-instances: 2 instances t4g.large"] == pytest.approx(0.1344)
    assert found["unpriced"] == ["other-instances"]
