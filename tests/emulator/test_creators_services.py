"""Containers, load balancers and Auto Scaling groups, read back from the embedded AWS."""

import json
import re
from collections.abc import Iterator

import pytest

from local.cloud import Cloud, Resource
from local.emulator.clients import Clients
from local.engine import lifecycle
from local.engine.context import Context
from tests.emulator.test_creators import output
from tests.projects import copy_program


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    return []


@pytest.fixture(scope="module")
def made(tmp_path_factory, reports) -> Iterator[Cloud]:
    folder = copy_program("service_types", tmp_path_factory.mktemp("service_types"))
    with Cloud(program=folder, listen=reports.append) as cloud:
        yield cloud


def identifier(cloud: Cloud, kind: str, name: str) -> str:
    return resource(cloud, kind, name).id


def resource(cloud: Cloud, kind: str, name: str) -> Resource:
    return next(
        each for each in cloud.resources if each.type.endswith(f":{kind}") and each.name == name
    )


def change(cloud: Cloud, kind: str, name: str, **inputs: object) -> dict:
    """Update a resource in place, as a changed program does, and return the changed outputs."""
    found = resource(cloud, kind, name)
    clients = Clients(cloud.endpoint, cloud.emulator.secret)
    context = Context(
        found.type,
        found.name,
        found.urn,
        "us-east-1",
        clients,
        {},
        lambda _message: None,
        lambda _address, _here: None,
    )
    assert lifecycle.replacing(found.type, list(inputs)) == []
    return lifecycle.update(context, found.id, found.inputs | inputs, list(inputs))


def test_types_that_are_not_emulated_are_reported(made, reports):
    said = {each["message"].split(": ")[0] for each in reports if each["event"] == "not_emulated"}
    assert said == {
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/target:Target",
        "aws:autoscaling/policy:Policy",
    }


def test_load_balancer_with_its_attributes(made):
    client, arn = made.client("elbv2"), output(made, "LoadBalancer", "balancer", "arn")

    def attributes() -> dict:
        found = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {each["Key"]: each["Value"] for each in found}

    found = client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    assert found["Scheme"] == "internal"
    assert found["DNSName"] == output(made, "LoadBalancer", "balancer", "dnsName")
    assert found["SecurityGroups"] == [identifier(made, "SecurityGroup", "balancer")]
    assert attributes()["routing.http.drop_invalid_header_fields.enabled"] == "true"
    change(made, "LoadBalancer", "balancer", idleTimeout=90)
    assert attributes()["idle_timeout.timeout_seconds"] == "90"


def test_target_group_with_its_health_check_and_attributes(made):
    client, arn = made.client("elbv2"), output(made, "TargetGroup", "blue", "arn")

    def group() -> dict:
        return client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]

    found = group()
    assert (found["HealthCheckPath"], found["HealthCheckIntervalSeconds"]) == ("/health", 10)
    assert (found["HealthyThresholdCount"], found["Matcher"]) == (2, {"HttpCode": "200-204"})
    assert (found["TargetType"], found["Port"]) == ("ip", 8080)
    attributes = client.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "30"} in attributes
    assert output(made, "TargetGroup", "blue", "arnSuffix") == arn.rpartition(":")[2]
    change(made, "TargetGroup", "blue", healthCheck={"path": "/alive", "interval": 20})
    assert (group()["HealthCheckPath"], group()["HealthCheckIntervalSeconds"]) == ("/alive", 20)


def test_listener_and_rules(made):
    client, arn = made.client("elbv2"), output(made, "Listener", "web", "arn")

    def rules() -> dict:
        return {each["Priority"]: each for each in client.describe_rules(ListenerArn=arn)["Rules"]}

    first = rules()["10"]
    assert {each["Field"] for each in first["Conditions"]} == {
        "path-pattern",
        "http-header",
        "query-string",
    }
    assert rules()["11"]["Actions"][0]["RedirectConfig"]["Path"] == "/products/1"
    fixed = client.describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"][0]
    assert fixed["FixedResponseConfig"]["StatusCode"] == "404"
    blue = output(made, "TargetGroup", "blue", "arn")
    action = [{"type": "forward", "targetGroupArn": blue}]
    change(made, "ListenerRule", "catalogue", priority=20, actions=action)
    assert rules()["20"]["Actions"][0]["TargetGroupArn"] == blue
    change(made, "Listener", "web", defaultActions=action)
    assert rules()["default"]["Actions"][0]["TargetGroupArn"] == blue


def test_repository_with_its_lifecycle_policy(made):
    client, name = made.client("ecr"), output(made, "Repository", "catalogue", "name")

    def repository() -> dict:
        return client.describe_repositories(repositoryNames=[name])["repositories"][0]

    found = repository()
    assert found["repositoryUri"] == output(made, "Repository", "catalogue", "repositoryUrl")
    assert found["imageTagMutability"] == "IMMUTABLE"
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    policy = client.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
    assert json.loads(policy)["rules"][0]["action"] == {"type": "expire"}
    change(made, "Repository", "catalogue", imageTagMutability="MUTABLE")
    assert repository()["imageTagMutability"] == "MUTABLE"


def test_cluster_and_its_capacity_providers(made):
    client, arn = made.client("ecs"), output(made, "Cluster", "cluster", "arn")

    def cluster() -> dict:
        wanted = ["SETTINGS"]
        return client.describe_clusters(clusters=[arn], include=wanted)["clusters"][0]

    assert cluster()["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    default = cluster()["defaultCapacityProviderStrategy"]
    assert [each["capacityProvider"] for each in default] == ["FARGATE"]
    settings = [{"name": "containerInsights", "value": "enhanced"}]
    change(made, "Cluster", "cluster", settings=settings)
    assert cluster()["settings"] == settings


def test_task_definition(made):
    arn = output(made, "TaskDefinition", "catalogue", "arn")
    found = made.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert (found["cpu"], found["memory"], found["networkMode"]) == ("256", "512", "awsvpc")
    assert found["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert found["taskRoleArn"] == output(made, "Role", "task", "arn")
    assert found["containerDefinitions"][0]["stopTimeout"] == 60
    assert output(made, "TaskDefinition", "catalogue", "arnWithoutRevision") == arn[:-2]


def test_service_with_its_deployment_settings(made):
    client, cluster = made.client("ecs"), output(made, "Cluster", "cluster", "arn")
    name = output(made, "Service", "catalogue", "name")

    def service() -> dict:
        return client.describe_services(cluster=cluster, services=[name])["services"][0]

    settings = service()["deploymentConfiguration"]
    assert settings["strategy"] == "CANARY"
    assert settings["bakeTimeInMinutes"] == 5
    assert settings["canaryConfiguration"]["canaryPercent"] == 10
    assert settings["alarms"] == {"alarmNames": ["errors"], "enable": True, "rollback": True}
    assert settings["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (settings["maximumPercent"], settings["minimumHealthyPercent"]) == (200, 100)
    balanced = service()["loadBalancers"][0]["advancedConfiguration"]
    assert balanced["alternateTargetGroupArn"] == output(made, "TargetGroup", "green", "arn")
    network = service()["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "DISABLED"
    change(made, "Service", "catalogue", healthCheckGracePeriodSeconds=60)
    assert service()["healthCheckGracePeriodSeconds"] == 60


def test_launch_template_and_instance_profile(made):
    client, template = made.client("ec2"), identifier(made, "LaunchTemplate", "ledger")

    def versions() -> list:
        return client.describe_launch_template_versions(
            LaunchTemplateId=template, Versions=["$Default"]
        )["LaunchTemplateVersions"]

    data = versions()[0]["LaunchTemplateData"]
    assert data["InstanceType"] == "t4g.nano"
    assert re.fullmatch("ami-[0-9a-f]{17}", data["ImageId"])
    assert data["IamInstanceProfile"]["Arn"] == output(made, "InstanceProfile", "instance", "arn")
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["SecurityGroupIds"] == [identifier(made, "SecurityGroup", "balancer")]
    changed = change(made, "LaunchTemplate", "ledger", instanceType="t4g.micro")
    assert changed["latestVersion"] == 2
    assert versions()[0]["LaunchTemplateData"]["InstanceType"] == "t4g.micro"
    name = output(made, "InstanceProfile", "instance", "name")
    profile = made.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert profile["Roles"][0]["Arn"] == output(made, "Role", "instance", "arn")


def test_auto_scaling_group_and_its_policy(made):
    client, name = made.client("autoscaling"), output(made, "Group", "ledger", "name")

    def group() -> dict:
        names = [name]
        found = client.describe_auto_scaling_groups(AutoScalingGroupNames=names)
        return found["AutoScalingGroups"][0]

    found = group()
    assert (found["MinSize"], found["MaxSize"], found["DesiredCapacity"]) == (0, 2, 0)
    assert (found["HealthCheckType"], found["HealthCheckGracePeriod"]) == ("ELB", 60)
    template = identifier(made, "LaunchTemplate", "ledger")
    assert found["LaunchTemplate"]["LaunchTemplateId"] == template
    assert found["Tags"][0]["PropagateAtLaunch"] is True
    policies = client.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    assert policies[0]["TargetTrackingConfiguration"]["TargetValue"] == 60
    change(made, "Group", "ledger", maxSize=3)
    assert group()["MaxSize"] == 3
    refreshes = client.describe_instance_refreshes(AutoScalingGroupName=name)
    assert refreshes["InstanceRefreshes"] == []
    # As the provider does: saved before the refresh, which cannot return to the old one.
    change(made, "Group", "ledger", launchTemplate={"id": template, "version": "2"})
    assert group()["LaunchTemplate"]["Version"] == "2"
    refreshes = client.describe_instance_refreshes(AutoScalingGroupName=name)
    assert len(refreshes["InstanceRefreshes"]) == 1
