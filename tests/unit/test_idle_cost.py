"""IdleCost: prices in the output of a stack."""

import json

import pulumi
import pulumi_aws as aws
import pytest

from components.idle_cost import IdleCost
from tests.conftest import Build, Built
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


def test_monthly_fees_include_alarms_dashboards_and_keys(build: Build, graph: Built):
    fees = {"MetricAlarm": 0.1, "Dashboard": 3, "Key": 1, "Secret": 0.4, "WebAcl": 5, "Zone": 0.5}
    expected = sum(len(graph.of(kind)) * fee for kind, fee in fees.items())
    assert graph.outputs["idleCost"]["perMonth"] == pytest.approx(expected)


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
