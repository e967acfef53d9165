"""ContainerService: tasks, roles, load balancer, image, deployments and arguments."""

import json
from pathlib import Path

import pulumi
import pytest

from components import ContainerService, Network
from components._blocks.access import call
from components.container_service.deployment import patience_minutes
from components.container_service.image import BASE_IMAGES, default_base_image
from local.emulator.services.public_images import here
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.policies import statements

NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
PUBLIC = {**NETWORK, "public_subnet_ids": ["subnet-3", "subnet-4"]}
SHARED = {
    "listener_arn": "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/shared/1/2",
    "security_group_id": "sg-shared",
    "client_security_group_id": "sg-clients",
    "dns_name": "shared.test",
    "zone_id": "Z9",
    "arn_suffix": "app/shared/1",
}
DOMAIN = {"name": "catalogue.services.internal", "zone_id": "Z1"}
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/catalogue@sha256:" + "a" * 64
USERS = {"image": IMAGE, "health_path": "/alive"}
CODE = {"code": "serverless_api/health", "python": PYTHON}


def service(build: Build, **args) -> Built:
    def program() -> None:
        made = ContainerService("shop", {"network": NETWORK, **(args or CODE)})
        pulumi.export("url", made.url)
        pulumi.export("image", made.image)
        pulumi.export("call", made.grant_call("catalogue"))
        pulumi.export("clients", made.client_security_group_id)

    return build(program)


def container(graph: Built) -> dict:
    [made] = json.loads(graph.one("shop-task").inputs["containerDefinitions"])
    return made


def variables(graph: Built) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(graph)["environment"]}


def permissions(graph: Built, name: str) -> dict[str, list[str]]:
    """Return the resources of each action of a policy."""
    found = statements(graph.one(name).inputs["policy"])
    return {action: each["Resource"] for each in found for action in each["Action"]}


def test_by_default_two_tasks_behind_an_internal_load_balancer(build: Build):
    graph = service(build, **CODE)
    made = graph.one("shop-service").inputs
    assert (made["desiredCount"], made["launchType"]) == (2, "FARGATE")
    assert made["availabilityZoneRebalancing"] == "ENABLED"
    assert made["networkConfiguration"] == {
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": [graph.one("shop-group").id],
        "assignPublicIp": False,
    }
    balancer = graph.one("shop-lb").inputs
    assert balancer["internal"] is True and balancer["enableDeletionProtection"] is True
    assert graph.outputs["url"] == "http://shop-lb-1a2b3c4.elb.test"
    task = graph.one("shop-task").inputs
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert (task["cpu"], task["memory"]) == ("256", "512")


def test_only_the_load_balancer_reaches_the_tasks(build: Build):
    graph = service(build, **CODE)
    own, balancer = graph.one("shop-group").id, graph.one("shop-lb-group").id
    [rule] = [
        each.inputs
        for each in graph.of("SecurityGroupIngressRule")
        if each.inputs["securityGroupId"] == own
    ]
    assert (rule["referencedSecurityGroupId"], rule["fromPort"]) == (balancer, 8080)
    out = [
        (each.inputs.get("cidrIpv4"), each.inputs["fromPort"])
        for each in graph.of("SecurityGroupEgressRule")
        if each.inputs["securityGroupId"] == own
    ]
    assert out == [("0.0.0.0/0", 443)]


def test_the_task_role_has_only_what_it_is_granted(build: Build):
    table = "arn:aws:dynamodb:us-east-1:1:table/products"
    grant = {
        "environment": {"TABLE": "products"},
        "statements": [{"actions": ["dynamodb:GetItem"], "resources": [table]}],
    }
    graph = service(build, **CODE, access=[grant])
    assert permissions(graph, "shop-task-policy") == {"dynamodb:GetItem": [table]}
    assert variables(graph) == {
        "HEALTH_PATH": "/health",
        "PORT": "8080",
        "REQUEST_TIMEOUT": "30",
        "TABLE": "products",
    }
    [trust] = statements(graph.one("shop-task-role").inputs["assumeRolePolicy"])
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    without = service(build, **CODE)
    assert not [each for each in without.resources if each.name == "shop-task-policy"]


def test_the_image_is_pushed_by_a_function_when_its_inputs_change(build: Build, tmp_path: Path):
    def pushed(**args) -> dict:
        graph = service(build, **{**CODE, **args})
        return json.loads(graph.one("shop-image").inputs["input"])

    first = pushed()
    assert first == pushed()
    # Local mode runs the program, too: it has one image for all.
    base = f"https://{default_base_image(PYTHON)}"
    assert first["base_image"] == here(base, "http://127.0.0.1")
    assert first["command"] == [
        "python",
        "-m",
        "service_server",
        "serverless_api.health.app:handler",
    ]
    (tmp_path / "app.py").write_text("def handler(event, context): ...\n")
    other = "public.ecr.aws/docker/library/python:3.13-slim@sha256:" + "b" * 64
    changes = [{"code": str(tmp_path)}, {"port": 9000}, {"base_image": other}]
    changes.append({"openapi": "paths: {/products: {}}"})
    tags = [first["tag"], *(pushed(**each)["tag"] for each in changes)]
    assert len(set(tags)) == len(tags)
    # What only a task has does not make another image.
    assert pushed(cpu=512, request_timeout=5)["tag"] == first["tag"]


def test_the_function_can_push_to_its_repository_only(build: Build):
    graph = service(build, **CODE)
    granted = permissions(graph, "shop-push-policy")
    repository = graph.one("shop-images")
    assert granted["ecr:PutImage"] == [repository.outputs["arn"]]
    assert not any(action.startswith("ecr:Delete") for action in granted)
    settings = repository.inputs
    assert settings["imageTagMutability"] == "IMMUTABLE"
    assert settings["imageScanningConfiguration"] == {"scanOnPush": True}
    execution = permissions(graph, "shop-execution-policy")
    assert execution["ecr:BatchGetImage"] == [repository.outputs["arn"]]
    assert execution["ecr:GetAuthorizationToken"] == ["*"]


def test_an_image_of_the_user_needs_no_repository(build: Build):
    graph = service(build, **USERS)
    assert not graph.of("Repository") and not graph.functions
    assert container(graph)["image"] == graph.outputs["image"] == IMAGE
    arn = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/catalogue"
    assert permissions(graph, "shop-execution-policy")["ecr:BatchGetImage"] == [arn]
    assert graph.one("shop-tg").inputs["healthCheck"]["path"] == "/alive"
    public = service(build, image="docker.io/library/nginx:1", health_path="/")
    assert "ecr:BatchGetImage" not in permissions(public, "shop-execution-policy")


def test_a_stop_leaves_time_for_requests_in_flight(build: Build):
    graph = service(build, **CODE, request_timeout=50)
    assert container(graph)["stopTimeout"] == 65
    assert graph.one("shop-tg").inputs["deregistrationDelay"] == 30
    assert service(build, **CODE, request_timeout=50, stop_timeout=60)


def test_a_failed_deployment_is_rolled_back_and_fails_the_update(build: Build):
    graph = service(build, **CODE)
    made = graph.one("shop-service")
    assert made.inputs["waitForSteadyState"] is True and made.inputs["sigintRollback"] is True
    assert made.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    alarms = made.inputs["alarms"]
    assert alarms["alarmNames"] == ["shop-errors-1a2b3c4"] and alarms["rollback"] is True
    rule = graph.one("shop-failed-deployments").inputs
    pattern = json.loads(rule["eventPattern"])
    assert pattern["resources"] == [made.outputs["arn"]]
    assert pattern["detail"] == {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}
    alarm = graph.one("shop-deployments").inputs
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Events", "TriggeredRules")
    assert alarm["dimensions"] == {"RuleName": "shop-failed-deployments-1a2b3c4"}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"strategy": "rolling"}, {"strategy": "ROLLING"}),
        (
            {"strategy": "canary", "percent": 5},
            {
                "strategy": "CANARY",
                "bakeTimeInMinutes": "5",
                "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "5"},
            },
        ),
        (
            {"strategy": "linear", "percent": 25, "bake_minutes": 2},
            {
                "strategy": "LINEAR",
                "bakeTimeInMinutes": "2",
                "linearConfiguration": {"stepPercent": 25, "stepBakeTimeInMinutes": "2"},
            },
        ),
    ],
)
def test_deployments(build: Build, args: dict, expected: dict):
    graph = service(build, **CODE, deployment=args)
    made = graph.one("shop-service").inputs
    assert made["deploymentConfiguration"] == expected
    gradual = args["strategy"] != "rolling"
    assert ("advancedConfiguration" in made["loadBalancers"][0]) == gradual
    assert len(graph.of("TargetGroup")) == len(made["alarms"]["alarmNames"]) == 1 + gradual
    assert graph.one("shop-rule").ignore_changes == (["actions"] if gradual else [])
    if gradual:
        granted = permissions(graph, "shop-shift-policy")
        assert granted["elasticloadbalancing:ModifyRule"] == [graph.one("shop-rule").outputs["arn"]]
        groups = {each.outputs["arn"] for each in graph.of("TargetGroup")}
        assert set(granted["elasticloadbalancing:RegisterTargets"]) == groups


@pytest.mark.parametrize(
    ("args", "minutes"),
    [
        ({"strategy": "rolling"}, 40),
        ({"strategy": "canary", "bake_minutes": 60}, 160),
        ({"strategy": "linear", "percent": 30, "bake_minutes": 10}, 80),
    ],
)
def test_the_update_waits_for_the_whole_deployment(args: dict, minutes: int):
    assert patience_minutes(args) == minutes


def test_a_service_on_a_shared_load_balancer_has_a_name(build: Build):
    graph = service(build, **CODE, load_balancer=SHARED, domain=DOMAIN, paths=["/v1/*"])
    assert not graph.of("LoadBalancer")
    rule = graph.one("shop-rule").inputs
    assert rule["listenerArn"] == SHARED["listener_arn"]
    assert rule["conditions"] == [
        {"hostHeader": {"values": [DOMAIN["name"]]}},
        {"pathPattern": {"values": ["/v1/*"]}},
    ]
    record = graph.one("shop-record").inputs
    assert record["aliases"][0]["name"] == "shared.test" and record["zoneId"] == "Z1"
    assert graph.outputs["url"] == f"http://{DOMAIN['name']}"
    assert graph.outputs["call"] == {
        "environment": {"CATALOGUE_URL": "http://catalogue.services.internal"},
        "statements": [],
        "security_group_ids": ["sg-clients"],
    }
    assert graph.outputs["clients"] == "sg-clients"


def test_another_version_uses_the_record_that_exists(build: Build):
    domain = {"name": DOMAIN["name"]}
    graph = service(build, **CODE, load_balancer=SHARED, domain=domain, paths=["/v2/*"])
    assert not graph.of("Record") and graph.outputs["url"] == f"http://{DOMAIN['name']}"


@pytest.mark.parametrize("source", [CODE, USERS])
def test_an_old_version_knows_its_end(build: Build, source: dict):
    assert "SUNSET" not in variables(service(build, **source))
    for none in (None, ""):
        assert "SUNSET" not in variables(service(build, **source, sunset=none))
    graph = service(build, **source, sunset="2027-06-30")
    assert variables(graph)["SUNSET"] == "Wed, 30 Jun 2027 00:00:00 GMT"


def test_the_internet_gets_https_only(build: Build):
    domain = {"name": "shop.example.com", "zone_id": "Z1"}
    graph = service(build, **CODE, network=PUBLIC, internet_facing=True, domain=domain)
    balancer = graph.one("shop-lb").inputs
    assert balancer["internal"] is False and balancer["subnets"] == ["subnet-3", "subnet-4"]
    assert graph.one("shop-listener").inputs["protocol"] == "HTTPS"
    assert graph.one("shop-redirect").inputs["defaultActions"][0]["redirect"]["port"] == "443"
    assert graph.one("shop-certificate", "Certificate").inputs["domainName"] == domain["name"]
    assert graph.outputs["url"] == "https://shop.example.com"


def test_calls_join_the_groups_of_the_services_once(build: Build):
    invoke = {"actions": ["execute-api:Invoke"], "resources": ["arn:aws:execute-api:::x/*"]}
    access = [
        call("catalogue", "http://catalogue.test", security_group_ids=["sg-a"]),
        call("stock-room", "http://stock.test", security_group_ids=["sg-a"]),
        call("prices", "https://prices.test", statements=[invoke]),  # type: ignore[list-item]
    ]
    graph = service(build, **CODE, access=access)
    groups = graph.one("shop-service").inputs["networkConfiguration"]["securityGroups"]
    assert groups == [graph.one("shop-group").id, "sg-a"]
    found = variables(graph)
    assert found["CATALOGUE_URL"] == "http://catalogue.test"
    assert found["STOCK_ROOM_URL"] == "http://stock.test"
    assert permissions(graph, "shop-task-policy")["execute-api:Invoke"]


def test_tasks_scale_between_the_limits(build: Build):
    graph = service(build, **CODE, min_tasks=3, max_tasks=9, cpu_percent=50)
    target = graph.one("shop-count").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (3, 9)
    assert target["resourceId"].startswith("service/")
    made = graph.one("shop-service")
    assert made.inputs["desiredCount"] == 3 and made.ignore_changes == ["desiredCount"]


def test_subnets_may_be_known_later(build: Build):
    """Programs in other languages pass them as an output of the network."""

    def program() -> None:
        network = Network("net", {"egress": "nat", "zone_count": 2})
        placement = {"vpc_id": network.vpc_id, "subnet_ids": network.private_subnet_ids}
        ContainerService("shop", {"network": placement, **CODE})

    graph = build(program)
    made = graph.one("shop-service").inputs["networkConfiguration"]["subnets"]
    assert made == graph.one("shop-lb").inputs["subnets"] and len(made) == 2


def test_a_cluster_of_the_user_is_used(build: Build):
    arn = "arn:aws:ecs:us-east-1:1:cluster/shared"
    graph = service(build, **CODE, cluster_arn=arn)
    assert not graph.of("Cluster") and graph.one("shop-service").inputs["cluster"] == arn
    assert graph.one("shop-count").inputs["resourceId"].startswith("service/shared/shop-service")


@pytest.mark.parametrize("egress", ["public", "nat"])
def test_a_network_with_a_way_out_suffices(build: Build, egress: str):
    def program() -> None:
        network = Network("net", {"egress": egress})
        ContainerService("shop", {"network": network.placement(), **CODE})

    made = build(program).one("shop-service").inputs["networkConfiguration"]
    assert made["assignPublicIp"] is (egress == "public")


def test_endpoints_suffice_without_a_way_out(build: Build):
    endpoints = ["ecr.api", "ecr.dkr", "logs"]

    def program() -> None:
        network = Network("net", {"interface_endpoints": endpoints})
        ContainerService("shop", {"network": network.placement(), **CODE})

    assert build(program).one("shop-service")
    endpoints.remove("logs")
    with pytest.raises(ValueError, match="network: has no way to write logs: add 'logs' to"):
        build(program)


ALONE = {**NETWORK, "interface_endpoints": ["logs"]}


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({}, "code: is missing; a service has `code` or an `image`"),
        ({**CODE, **USERS}, "code: is given beside `image`; give one of them"),
        ({"image": IMAGE}, "health_path: is missing; say which path of the `image`"),
        ({**USERS, "base_image": BASE_IMAGES["3.13"]}, "base_image: is for `code`"),
        ({**USERS, "openapi": "paths: {/a: {}}"}, "openapi: is for `code`"),
        ({**CODE, "base_image": "python:3.13-slim"}, "base_image: is 'python:3.13-slim'; it must"),
        ({**CODE, "openapi": "{"}, "openapi: is neither YAML nor JSON"),
        ({**CODE, "openapi": "info: {}"}, "openapi: has no `paths`"),
        (
            {**CODE, "request_timeout": 30, "stop_timeout": 30},
            "stop_timeout: is 30; it must be more than `request_timeout` (30)",
        ),
        ({**CODE, "request_timeout": 60}, "request_timeout: is 60; it must be from 1 to 59"),
        (
            {**CODE, "min_tasks": 5, "max_tasks": 2},
            "min_tasks: is 5; it must be at most `max_tasks` (2)",
        ),
        ({**CODE, "port": 80}, "port: is 80; it must be from 1024 to 65535"),
        (
            {**CODE, "access": [{"environment": {"PORT": "9000"}}]},
            'access[0].environment["PORT"]: is set by `port` of the service',
        ),
        (
            {**CODE, "access": [{"environment": {"SUNSET": "2027-06-30"}}]},
            'access[0].environment["SUNSET"]: is set by `sunset` of the service',
        ),
        ({**CODE, "sunset": "June"}, "sunset: is 'June'; it must be a date such as '2027-06-30'"),
        ({**CODE, "health_path": "health"}, "health_path: is 'health'; it must be a path"),
        (
            {**CODE, "memory": 4096},
            "memory: is 4096; with `cpu` 256 Fargate has 512, 1024, 2048 MiB",
        ),
        ({**CODE, "cpu": 512, "memory": 1500}, "Fargate has 1024 to 4096 in steps of 1024 MiB"),
        (
            {**CODE, "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}},
            "network.subnet_ids: has 1 subnets; name subnets in at least two zones",
        ),
        (
            {**CODE, "network": ALONE},
            "network: has no way to pull the image: add 'ecr.api', 'ecr.dkr' to "
            "`interface_endpoints` of the network, or choose its `egress`",
        ),
        (
            {"image": "docker.io/nginx:1", "health_path": "/", "network": ALONE},
            "image: is 'docker.io/nginx:1', which the network has no way to pull",
        ),
        ({**CODE, "load_balancer": SHARED}, "domain: is missing; services that share a"),
        (
            {**CODE, "load_balancer": SHARED, "domain": {**DOMAIN, "https": True}},
            "domain.https: is decided by the shared `load_balancer`",
        ),
        (
            {
                **CODE,
                "load_balancer": {**SHARED, "domain_name": "services.example.com"},
                "domain": DOMAIN,
            },
            "the certificate of `load_balancer` is for names such as "
            "'catalogue.services.example.com'",
        ),
        (
            {**CODE, "load_balancer": SHARED, "domain": DOMAIN, "internet_facing": True},
            "internet_facing: is for a load balancer of the service's own",
        ),
        ({**CODE, "internet_facing": True}, "domain: is missing; `internet_facing` requires it"),
        (
            {**CODE, "internet_facing": True, "domain": DOMAIN},
            "network.public_subnet_ids: is missing; it is required with `internet_facing`",
        ),
        ({**CODE, "domain": {"name": "a.test"}}, "domain.zone_id: is missing"),
        (
            {**CODE, "deployment": {"percent": 5}},
            "deployment.percent: requires `strategy: canary` or `strategy: linear`",
        ),
        (
            {**CODE, "deployment": {"strategy": "linear", "percent": 2}},
            "deployment.percent: is 2; steps of `linear` have at least 3 percent",
        ),
        ({**CODE, "deployment": {"strategy": "all"}}, "deployment.strategy: is 'all'; it must"),
        (
            {**CODE, "access": [call("a-b", "x"), call("a_b", "y")]},
            "access[1].environment: has A_B_URL, as another grant has",
        ),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, args: dict, problem: str):
    with pytest.raises(ValueError, match="ContainerService 'shop'") as caught:
        build(lambda: ContainerService("shop", {"network": NETWORK, **args}))
    assert problem in str(caught.value)


def test_all_problems_are_reported_at_once(build: Build):
    args = {"min_tasks": 5, "max_tasks": 2, "stop_timeout": 3, "load_balancer": SHARED}
    with pytest.raises(ValueError, match="ContainerService 'shop'") as caught:
        build(lambda: ContainerService("shop", {"network": NETWORK, **args}))
    for name in ("code", "min_tasks", "stop_timeout", "domain"):
        assert f"\n  {name}: " in str(caught.value)


@pytest.mark.parametrize("name", ["a-service-of-the-shop", "Shop"])
def test_the_name_fits(build: Build, name: str):
    with pytest.raises(ValueError, match=f"name: is '{name}'"):
        build(lambda: ContainerService(name, {"network": NETWORK, **CODE}))
