"""OutboxPipeline: resources, the effect of arguments, and invalid arguments."""

import json

import pulumi
import pytest

from components.outbox_pipeline import OutboxPipeline, OutboxPipelineArgs
from tests.conftest import Build
from tests.projects import PYTHON
from tests.unit.policies import statements

RUNTIME = {"functions": {"python": PYTHON}}


def args(**overrides: object) -> OutboxPipelineArgs:
    return {**RUNTIME, **overrides}  # type: ignore[typeddict-item]


def test_only_the_order_function_writes_to_the_outbox(build: Build):
    graph = build(lambda: OutboxPipeline("shop", args()))
    writers = [
        policy.name
        for policy in graph.of("RolePolicy")
        for statement in statements(policy.inputs["policy"])
        if "dynamodb:PutItem" in statement["Action"]
        and graph.one("shop-outbox").outputs["arn"] in statement["Resource"]
    ]
    assert writers == ["shop-place-order-policy"]


def test_the_relay_receives_only_new_rows_and_in_order(build: Build):
    mapping = build(lambda: OutboxPipeline("shop", args())).one("shop-relay-mapping").inputs
    assert json.loads(mapping["filterCriteria"]["filters"][0]["pattern"]) == {
        "eventName": ["INSERT"]
    }
    assert mapping["startingPosition"] == "TRIM_HORIZON"
    assert "parallelizationFactor" not in mapping


def test_relay_and_sweeper_cannot_read_orders_or_insert_rows(build: Build):
    graph = build(lambda: OutboxPipeline("shop", args()))
    for name in ("shop-relay-policy", "shop-sweeper-policy"):
        actions = {a for s in statements(graph.one(name).inputs["policy"]) for a in s["Action"]}
        assert "dynamodb:PutItem" not in actions and "dynamodb:GetItem" not in actions
        resources = {r for s in statements(graph.one(name).inputs["policy"]) for r in s["Resource"]}
        assert graph.one("shop-orders").outputs["arn"] not in resources


def test_every_event_schema_is_in_the_registry(build: Build):
    graph = build(lambda: OutboxPipeline("shop", args(event_source="shop.orders")))
    schemas = {each.inputs["name"]: each.inputs for each in graph.of("Schema")}
    assert set(schemas) == {"shop.orders@OrderCreated.v1", "shop.orders@InvoiceRequested.v1"}
    for schema in schemas.values():
        assert schema["type"] == "JSONSchemaDraft4"
        assert json.loads(schema["content"])["$schema"] == "http://json-schema.org/draft-04/schema#"


def test_existing_tables_bus_and_code_can_be_used(build: Build, tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context): return event\n")
    existing = args(
        order_code=str(tmp_path),
        orders_table_arn="arn:aws:dynamodb:eu-west-1:1:table/mine",
        outbox_table_arn="arn:aws:dynamodb:eu-west-1:1:table/my-outbox",
        outbox_stream_arn="arn:aws:dynamodb:eu-west-1:1:table/my-outbox/stream/now",
        event_bus_arn="arn:aws:events:eu-west-1:1:event-bus/my-bus",
        shipping=False,
    )
    graph = build(lambda: OutboxPipeline("shop", existing))
    assert not graph.of("Table") and not graph.of("EventBus") and not graph.of("Schema")
    function = graph.one("shop-place-order").inputs
    assert function["handler"] == "app.handler"
    assert function["environment"]["variables"]["ORDERS_TABLE"] == "mine"
    assert function["environment"]["variables"]["OUTBOX_TABLE"] == "my-outbox"
    assert graph.one("shop-relay").inputs["environment"]["variables"]["EVENT_BUS"] == "my-bus"
    mapping = graph.one("shop-relay-mapping").inputs
    assert mapping["eventSourceArn"].endswith("/stream/now")
    assert graph.one("shop").outputs["shipments_table_name"] == ""


def test_order_access_is_added_to_the_order_function(build: Build):
    stock = "arn:aws:dynamodb:eu-west-1:1:table/stock"
    access = {
        "environment": {"STOCK_TABLE": "stock"},
        "statements": [{"actions": ["dynamodb:UpdateItem"], "resources": [stock]}],
    }
    graph = build(lambda: OutboxPipeline("shop", args(order_access=access)))
    environment = graph.one("shop-place-order").inputs["environment"]["variables"]
    assert environment["STOCK_TABLE"] == "stock"
    policy = graph.one("shop-place-order-policy").inputs["policy"]
    assert [s["Action"] for s in statements(policy) if stock in s["Resource"]] == [
        ["dynamodb:UpdateItem"]
    ]


def test_two_instances_share_nothing(build: Build):
    def program() -> None:
        OutboxPipeline("shop", args())
        OutboxPipeline("store", args())

    graph = build(program)
    shop = [each for each in graph.resources if each.name.split("-")[0] == "shop"]
    store = [each for each in graph.resources if each.name.split("-")[0] == "store"]
    assert len(shop) == len(store) and len(shop) + len(store) == len(graph.resources)
    shared = {"shop", "schema", "aws"}
    assert not [s for s in store if "shop" in json.dumps([s.inputs, s.outputs], default=str)], (
        shared
    )


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            {"resend_after_minutes": 0},
            "resend_after_minutes: is 0; it must be from 1 to 1440 minutes",
        ),
        ({"archive_retention_days": 4000}, "archive_retention_days: is 4000; it must be from 1 to"),
        ({"sent_retention_days": "week"}, "sent_retention_days: is 'week'; it must be a whole"),
        ({"relay_max_retry_attempts": -1}, "relay_max_retry_attempts: is -1; it must be from 0"),
        (
            {"outbox_table_arn": "arn"},
            "outbox_stream_arn: is missing; it is required with `outbox_table_arn`",
        ),
        ({"event_source": ""}, "event_source: is ''; it must be a name without the prefix 'aws.'"),
        ({"event_source": "aws.orders"}, "event_source: is 'aws.orders'; it must be a name"),
        ({"shipping": "no"}, "shipping: is 'no'; it must be true or false"),
        ({"retain_data": 0}, "retain_data: is 0; it must be true or false"),
        ({"functions": {"python": "2.7"}}, "functions.python: is '2.7'; it must be one of '3.1"),
        ({"functions": {"memory": 1}}, "functions.memory: is not an argument; known are"),
        ({"functions": []}, "functions: is []; it must be a map of arguments"),
        ({"bus": "x"}, "bus: is not an argument; known are"),
        ({"order_access": {"statement": []}}, "order_access.statement: is not an argument; did"),
        (
            {"order_access": {"statements": [{"actions": ["s3:GetObject"]}]}},
            "order_access.statements[0].resources: is missing; it is required",
        ),
        (
            {"order_access": {"statements": [{"actions": "s3:GetObject", "resources": []}]}},
            "order_access.statements[0].actions: is 's3:GetObject'; it must be a list",
        ),
        (
            {"order_access": {"statements": [{"condtion": {}, "actions": [], "resources": []}]}},
            "order_access.statements[0].condtion: is not an argument; did you mean `condition`?",
        ),
        (
            {"order_access": {"statements": [{"actions": ["s3:*"], "resources": ["x"]}]}},
            "order_access.statements[0].actions[0]: is 's3:*'; it must be an IAM action without a "
            "wildcard",
        ),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, overrides: dict, problem: str):
    with pytest.raises(ValueError, match="OutboxPipeline 'shop'") as caught:
        build(lambda: OutboxPipeline("shop", args(**overrides)))
    assert problem in str(caught.value)


@pytest.mark.parametrize("key", ["event_source", "order_code", "shipping", "retain_data"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, key: str):
    def program() -> None:
        with pytest.raises(
            ValueError, match=f"{key}: is an Output; it must be .* known at preview"
        ):
            OutboxPipeline("shop", args(**{key: pulumi.Output.from_input("x")}))

    assert [each.name for each in build(program).resources] == ["shop"]


def test_all_problems_are_reported_at_once_and_before_the_first_child(build: Build):
    errors: list[str] = []

    def program() -> None:
        try:
            OutboxPipeline(
                "shop", {"archive_retention_days": 0, "resend_after_minutes": 0, "bus": "x"}
            )
        except ValueError as error:
            errors.append(str(error))

    graph = build(program)
    assert [line.split(":")[0] for line in errors[0].splitlines()[1:]] == [
        *("  bus", "  resend_after_minutes", "  archive_retention_days"),
    ]
    assert [each.name for each in graph.resources] == ["shop"]
