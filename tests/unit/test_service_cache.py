"""ServiceCache: its cache, user, access and arguments."""

import pulumi
import pytest

from components import ServiceCache
from components._blocks.arguments import ArgumentsError
from tests.conftest import Build, Built

NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}


def cache(build: Build, **args) -> Built:
    def program() -> None:
        made = ServiceCache("prices", {"network": NETWORK, **args})
        grant = made.grant_read_write()
        pulumi.export("variables", sorted(grant["environment"]))
        pulumi.export("statements", grant["statements"])
        pulumi.export("groups", grant["security_group_ids"])

    return build(program)


def test_the_only_user_logs_in_with_a_token(build: Build):
    graph = cache(build)
    user, group = graph.one("prices-user").inputs, graph.one("prices-users").inputs
    assert user["authenticationMode"] == {"type": "iam"}
    assert user["userId"] == user["userName"] == user["userId"].lower()
    assert len(user["userId"]) <= 40
    assert not {"passwords", "passwordsWo", "noPasswordRequired"} & user.keys()
    assert group["userIds"] == [user["userId"]]
    assert graph.one("prices-cache").inputs["userGroupId"] == group["userGroupId"]
    assert {user["engine"], group["engine"]} == {"valkey"}


def test_a_user_can_neither_flush_the_cache_nor_administer_it(build: Build):
    rights = cache(build).one("prices-user").inputs["accessString"].split()
    assert rights[:3] == ["on", "~*", "-@all"]
    assert rights[-1] == "-@dangerous"


def test_the_cost_is_limited(build: Build):
    inputs = cache(build, max_data=5, max_units_per_second=2000).one("prices-cache").inputs
    assert inputs["cacheUsageLimits"] == {
        "dataStorage": {"maximum": 5, "unit": "GB"},
        "ecpuPerSeconds": [{"maximum": 2000}],
    }
    assert inputs["snapshotRetentionLimit"] == 0


def test_at_most_three_subnets_are_used(build: Build):
    subnets = [f"subnet-{number}" for number in range(4)]
    graph = cache(build, network={"vpc_id": "vpc-1", "subnet_ids": subnets})
    assert graph.one("prices-cache").inputs["subnetIds"] == subnets[:3]


def test_only_clients_reach_the_cache(build: Build):
    graph = cache(build)
    group, clients = graph.one("prices-group").id, graph.one("prices-clients").id
    (ingress,) = graph.of("SecurityGroupIngressRule")
    assert ingress.inputs["securityGroupId"] == group
    assert ingress.inputs["referencedSecurityGroupId"] == clients
    assert (ingress.inputs["fromPort"], ingress.inputs["toPort"]) == (6379, 6380)
    assert graph.one("prices-cache").inputs["securityGroupIds"] == [group]


def test_access_is_granted_to_one_user_of_one_cache(build: Build):
    graph = cache(build)
    assert graph.outputs["variables"] == ["CACHE_HOST", "CACHE_NAME", "CACHE_PORT", "CACHE_USER"]
    assert graph.outputs["groups"] == [graph.one("prices-clients").id]
    (statement,) = graph.outputs["statements"]
    assert statement["actions"] == ["elasticache:Connect"]
    assert len(statement["resources"]) == 2
    assert not any("*" in each for each in statement["resources"])


def test_a_full_or_throttled_cache_rings_an_alarm(build: Build):
    alarms = {each.name: each.inputs for each in cache(build, max_data=2).of("MetricAlarm")}
    assert alarms.keys() == {"prices-throttled", "prices-full"}
    assert alarms["prices-full"]["threshold"] == 1.8e9


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}}, "network.subnet_ids: has 1"),
        ({"version": "6"}, "version: is '6'; it must be one of '7', '8', '9'"),
        ({"max_data": 0}, "max_data: is 0; it must be from 1 to 5000 GB"),
        ({"max_units_per_second": 10}, "max_units_per_second: is 10"),
        ({"snapshot_retention_days": 36}, "snapshot_retention_days: is 36"),
    ],
)
def test_bad_arguments_are_told_by_name(build: Build, args, problem):
    with pytest.raises(ArgumentsError) as raised:
        cache(build, **args)
    assert problem in str(raised.value)


@pytest.mark.parametrize("name", ["a" * 27, "prices_1", "a--b"])
def test_a_name_that_aws_would_refuse_is_told(build: Build, name: str):
    with pytest.raises(ArgumentsError, match="name: is"):
        build(lambda: ServiceCache(name, {"network": NETWORK}))
