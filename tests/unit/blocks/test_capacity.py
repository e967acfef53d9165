"""Capacity of tables: on demand, or provisioned with auto scaling."""

from typing import Any

import pytest

from components.todo_list import TodoList
from tests.conftest import Build
from tests.projects import PYTHON, ROOT

CAPACITY = {"read_units": [5, 100], "write_units": [2, 50.0], "target_percent": 60}


@pytest.fixture
def args() -> dict[str, Any]:
    return {
        "openapi": (ROOT / "apis" / "todo.yaml").read_text(),
        "site_url": "https://todo.example.com",
        "functions": {"python": PYTHON},
    }


def test_a_table_is_on_demand_by_default(build: Build, args: dict):
    graph = build(lambda: TodoList("todo", args))
    assert graph.one("todo-todos").inputs["billingMode"] == "PAY_PER_REQUEST"
    assert not graph.of("Target") and not graph.of("Policy")


def test_table_and_index_start_with_the_min_capacity(build: Build, args: dict):
    table = build(lambda: TodoList("todo", {**args, "capacity": CAPACITY})).one("todo-todos")
    (index,) = table.inputs["globalSecondaryIndexes"]
    assert table.inputs["billingMode"] == "PROVISIONED"
    for each in (table.inputs, index):
        assert (each["readCapacity"], each["writeCapacity"]) == (5, 2)


def test_each_dimension_is_scaled_between_its_limits(build: Build, args: dict):
    graph = build(lambda: TodoList("todo", {**args, "capacity": CAPACITY}))
    table = f"table/{graph.one('todo-todos').outputs['name']}"
    targets = {each.inputs["scalableDimension"]: each.inputs for each in graph.of("Target")}
    found = {
        dimension: (each["resourceId"], each["minCapacity"], each["maxCapacity"])
        for dimension, each in targets.items()
    }
    assert found == {
        "dynamodb:table:ReadCapacityUnits": (table, 5, 100),
        "dynamodb:table:WriteCapacityUnits": (table, 2, 50),
        "dynamodb:index:ReadCapacityUnits": (f"{table}/index/open-by-due", 5, 100),
        "dynamodb:index:WriteCapacityUnits": (f"{table}/index/open-by-due", 2, 50),
    }
    for policy in graph.of("Policy"):
        tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
        kind = "Read" if "Read" in policy.inputs["scalableDimension"] else "Write"
        metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
        assert (metric, tracking["targetValue"]) == (f"DynamoDB{kind}CapacityUtilization", 60)
    assert len(graph.of("Policy")) == 4


def test_capacity_that_auto_scaling_changed_is_ignored(
    build: Build, args: dict, monkeypatch: pytest.MonkeyPatch
):
    import pulumi_aws as aws

    seen: list[list[str]] = []
    original = aws.dynamodb.Table.__init__

    def record(self, *positional, **options):
        seen.append(options["opts"].ignore_changes or [])
        original(self, *positional, **options)

    monkeypatch.setattr(aws.dynamodb.Table, "__init__", record)
    build(lambda: TodoList("todo", args))
    build(lambda: TodoList("todo", {**args, "capacity": CAPACITY}))
    assert seen == [[], ["readCapacity", "writeCapacity", "globalSecondaryIndexes"]]


@pytest.mark.parametrize(
    ("capacity", "problem"),
    [
        ({"read_units": [5, 100]}, "capacity.write_units: is missing; it is required"),
        (
            {"read_units": [0, 10], "write_units": [1, 2]},
            "capacity.read_units[0]: is 0; it must be from 1 to 40000",
        ),
        (
            {"read_units": [9, 8], "write_units": [1, 2]},
            "capacity.read_units: must be [minimum, maximum], such as",
        ),
        (
            {"read_units": [1, 2, 3], "write_units": [1, 2]},
            "capacity.read_units: must be [minimum, maximum], such",
        ),
        (
            {"read_units": "12", "write_units": [1, 2]},
            "capacity.read_units: is '12'; it must be a list",
        ),
        (
            {"read_units": [1, 2], "write_units": [1, 50000]},
            "capacity.write_units[1]: is 50000; it must be from 1",
        ),
        (
            {"read_units": [1, 2], "write_units": [1, 2.5]},
            "capacity.write_units[1]: is 2.5; it must be a whole",
        ),
        (
            {**CAPACITY, "target_percent": 95},
            "capacity.target_percent: is 95; it must be from 20 to 90 percent",
        ),
        ({**CAPACITY, "scale": True}, "capacity.scale: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_capacity(
    build: Build, args: dict, capacity: dict, problem: str
):
    with pytest.raises(ValueError, match="TodoList 'todo'") as caught:
        build(lambda: TodoList("todo", {**args, "capacity": capacity}))
    assert problem in str(caught.value)
