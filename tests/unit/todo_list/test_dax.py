"""DAX: a cache of the to-do table for the function that reads it."""

import zipfile
from typing import Any

import pytest

from components.todo_list import TodoList
from local.engine.graph import Registration
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

ARGS = {
    "openapi": (ROOT / "apis" / "todo.yaml").read_text(),
    "site_url": "https://todo.example.com",
    "functions": {"python": PYTHON},
}


@pytest.fixture(scope="module")
def graph(build: Build) -> Built:
    return build_with_dax(build)


def build_with_dax(build: Build, **dax: Any) -> Built:
    return build(lambda: TodoList("todo", {**ARGS, "dax": dax}))


def reader(graph: Built) -> Registration:
    return graph.one("todo-api-function-todos-read")


def rule(graph: Built, name: str) -> dict[str, Any]:
    return graph.one(f"todo-dax-{name}").inputs


def allowed(graph: Built, policy: str, resource: str) -> set[str]:
    found = statements(graph.one(policy).inputs["policy"])
    return {action for each in found if resource in each["Resource"] for action in each["Action"]}


def test_only_the_read_function_is_in_the_network_and_has_the_endpoint(graph: Built):
    inside = [each.name for each in graph.of("Function") if "vpcConfig" in each.inputs]
    configured = [
        each.name
        for each in graph.of("Function")
        if "DAX_ENDPOINT" in each.inputs["environment"]["variables"]
    ]
    assert inside == configured == ["todo-api-function-todos-read"]
    host = graph.one("todo-dax").outputs["clusterAddress"]
    variables = reader(graph).inputs["environment"]["variables"]
    assert variables["DAX_ENDPOINT"] == f"daxs://{host}"


def test_the_read_function_can_read_the_cluster_and_the_table(graph: Built):
    policy = "todo-api-function-todos-read-policy"
    table, cluster = (graph.one(each).outputs["arn"] for each in ("todo-todos", "todo-dax"))
    assert allowed(graph, policy, cluster) == {"dax:GetItem", "dax:Query"}
    assert allowed(graph, policy, table) == {"dynamodb:GetItem", "dynamodb:Query"}


def test_the_cluster_can_read_only_its_table(graph: Built):
    table = graph.one("todo-todos").outputs["arn"]
    role = graph.one("todo-dax-role")
    assert graph.one("todo-dax").inputs["iamRoleArn"] == role.outputs["arn"]
    (trust,) = statements(role.inputs["assumeRolePolicy"])
    assert trust["Principal"] == {"Service": "dax.amazonaws.com"}
    found = list(statements(graph.one("todo-dax-policy").inputs["policy"]))
    assert [(each["Action"], each["Resource"]) for each in found] == [
        (["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query"], [table]),
        (["dynamodb:Query"], [f"{table}/index/open-by-due"]),
    ]


def test_function_code_cannot_manage_network_interfaces(graph: Built):
    found = statements(graph.one("todo-api-function-todos-read-policy").inputs["policy"])
    (interfaces,) = [each for each in found if "ec2:CreateNetworkInterface" in each["Action"]]
    assert interfaces["Condition"] == {"Null": {"lambda:SourceFunctionArn": "true"}}
    others = graph.one("todo-api-function-todos-write-policy").inputs["policy"]
    assert "ec2:" not in others


def test_clients_can_reach_only_the_cluster_and_dynamodb(graph: Built):
    nodes, clients = (graph.one(f"todo-dax-{each}").id for each in ("nodes", "clients"))
    config = reader(graph).inputs["vpcConfig"]
    assert config["securityGroupIds"] == [clients]
    assert graph.one("todo-dax").inputs["securityGroupIds"] == [nodes]
    into = rule(graph, "nodes-from-clients")
    assert (into["securityGroupId"], into["referencedSecurityGroupId"]) == (nodes, clients)
    assert (into["fromPort"], into["toPort"]) == (9111, 9111)
    out = [e for e in graph.of("SecurityGroupEgressRule") if e.inputs["securityGroupId"] == clients]
    assert sorted(each.name for each in out) == [
        "todo-dax-clients-to-dynamodb",
        "todo-dax-clients-to-nodes",
    ]
    assert rule(graph, "clients-to-dynamodb")["prefixListId"].startswith("pl-")
    assert len(graph.of("SecurityGroupIngressRule")) == 1


def test_the_network_is_private_and_reaches_dynamodb(graph: Built):
    subnets = [each.id for each in graph.of("Subnet")]
    zones = {each.inputs["availabilityZone"] for each in graph.of("Subnet")}
    assert len(subnets) == len(zones) == 3
    assert reader(graph).inputs["vpcConfig"]["subnetIds"] == subnets
    assert graph.of("SubnetGroup")[0].inputs["subnetIds"] == subnets
    (endpoint,), (routes,) = graph.of("VpcEndpoint"), graph.of("RouteTable")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.dynamodb"
    assert endpoint.inputs["routeTableIds"] == [routes.id]
    associated = [each.inputs["subnetId"] for each in graph.of("RouteTableAssociation")]
    assert associated == subnets
    assert not graph.of("InternetGateway") and not graph.of("NatGateway")


def test_the_default_security_group_is_closed_and_flow_logs_have_all_traffic(build: Build):
    functions = {**ARGS["functions"], "log_retention_days": 7}
    graph = build(lambda: TodoList("todo", {**ARGS, "dax": {}, "functions": functions}))
    (vpc,), (group,), (log,) = (
        graph.of(kind) for kind in ("Vpc", "DefaultSecurityGroup", "FlowLog")
    )
    assert group.inputs == {"vpcId": vpc.id}
    assert (log.inputs["vpcId"], log.inputs["trafficType"]) == (vpc.id, "ALL")
    lines = graph.one("todo-dax-flow-logs")
    assert log.inputs["logDestination"] == lines.outputs["arn"]
    assert lines.inputs["retentionInDays"] == 7
    assert allowed(graph, "todo-dax-flow-log-policy", lines.outputs["arn"]) == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "logs:DescribeLogStreams",
    }
    role = graph.one("todo-dax-flow-log-role")
    assert log.inputs["iamRoleArn"] == role.outputs["arn"]
    assert "vpc-flow-logs.amazonaws.com" in role.inputs["assumeRolePolicy"]


def test_every_rule_of_a_security_group_is_described(graph: Built):
    rules = [*graph.of("SecurityGroupIngressRule"), *graph.of("SecurityGroupEgressRule")]
    assert len(rules) == 4 and all(each.inputs.get("description") for each in rules)


def test_the_cluster_is_encrypted_in_transit_and_at_rest(graph: Built):
    cluster = graph.one("todo-dax").inputs
    assert cluster["clusterEndpointEncryptionType"] == "TLS"
    assert cluster["serverSideEncryption"] == {"enabled": True}
    assert (cluster["nodeType"], cluster["replicationFactor"]) == ("dax.t3.small", 3)
    assert 1 <= len(cluster["clusterName"]) <= 20


def test_the_caller_can_set_the_nodes_and_the_ttls(build: Build):
    graph = build_with_dax(
        build, node_type="dax.r5.large", node_count=5.0, item_ttl_ms=60_000.0, query_ttl_ms=1
    )
    cluster, group = graph.one("todo-dax").inputs, graph.one("todo-dax-parameters").inputs
    assert (cluster["nodeType"], cluster["replicationFactor"]) == ("dax.r5.large", 5)
    ttls = {each["name"]: each["value"] for each in group["parameters"]}
    assert ttls == {"record-ttl-millis": "60000", "query-ttl-millis": "1"}


def test_dax_can_use_an_existing_network(build: Build):
    graph = build_with_dax(build, vpc_id="vpc-1", subnet_ids=["subnet-1", "subnet-2"])
    assert not graph.of("Vpc") and not graph.of("VpcEndpoint") and not graph.of("FlowLog")
    assert {each.inputs["vpcId"] for each in graph.of("SecurityGroup")} == {"vpc-1"}
    assert reader(graph).inputs["vpcConfig"]["subnetIds"] == ["subnet-1", "subnet-2"]


def test_a_bundle_contains_the_client_only_with_dax(build: Build):
    names = {}
    for dax in (False, True):
        args = {**ARGS, **({"dax": {}} if dax else {})}
        graph = build(lambda args=args: TodoList("todo", args))
        with zipfile.ZipFile(reader(graph).inputs["code"].path) as archive:
            names[dax] = set(archive.namelist())
    client = "amazondax/__init__.py"
    assert client in names[True] and client not in names[False]


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"node_type": "r5.large"}, "dax.node_type: is 'r5.large'; it must be a node type such as"),
        ({"node_count": 12}, "dax.node_count: is 12; it must be from 1 to 11 nodes"),
        ({"node_count": "3"}, "dax.node_count: is '3'; it must be a whole number"),
        ({"item_ttl_ms": 0}, "dax.item_ttl_ms: is 0; it must be from 1 to 86400000 milliseconds"),
        ({"query_ttl_ms": -1}, "dax.query_ttl_ms: is -1; it must be from 1 to 86400000"),
        ({"vpc_id": "vpc-1"}, "dax.subnet_ids: is missing; it is required with `vpc_id`"),
        ({"subnet_ids": ["subnet-1"]}, "dax.vpc_id: is missing; it is required with `subnet_ids`"),
        ({"vpc_id": "vpc-1", "subnet_ids": []}, "dax.subnet_ids: is empty"),
        ({"vpc_id": "vpc-1", "subnet_ids": "subnet-1"}, "is 'subnet-1'; it must be a list"),
        ({"ttl": 1}, "dax.ttl: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, overrides: dict, problem: str):
    with pytest.raises(ValueError, match="TodoList 'todo'") as caught:
        build_with_dax(build, **overrides)
    assert problem in str(caught.value)
