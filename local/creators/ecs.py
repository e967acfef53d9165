"""ECS clusters, task definitions and services. The tasks run as processes of this machine."""

import json
import time
from typing import Any

from local.engine.context import Context
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    overwrite,
    state_only,
    with_owner,
)

STEADY_SECONDS = 600
"""Patience with `waitForSteadyState`. Most deployments of the emulator take seconds."""
PROVIDER_ONLY = ("forceDelete", "forceNewDeployment", "sigintRollback", "triggers")


def _cluster_arguments(inputs: Inputs) -> Inputs:
    default = inputs.get("serviceConnectDefaults", {}).get("namespace")
    return {**inputs, "serviceConnectDefaults": {"namespace": default} if default else None}


def _update_cluster(context: Context, id_: str, inputs: Inputs) -> Outputs:
    handled = ("name", "tags")
    context.call("ecs", "update_cluster", _cluster_arguments(inputs), {}, handled, cluster=id_)
    return {}


@creates(
    "aws:ecs/cluster:Cluster",
    update=Update(
        _update_cluster,
        replaced_by=("name",),
        changes=("configuration", "serviceConnectDefaults", "settings"),
    ),
    delete=Call("ecs", "delete_cluster", cluster="id"),
)
def cluster(context: Context, inputs: Inputs) -> Created:
    """A cluster."""
    name = context.named(inputs)
    wanted = _cluster_arguments(inputs)
    made = context.call("ecs", "create_cluster", wanted, {}, ("name",), clusterName=name)
    arn = made["cluster"]["clusterArn"]
    return arn, {"name": name, "arn": arn}


@creates(
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    update=overwrite("clusterName"),
    delete=with_owner,
)
def cluster_capacity_providers(context: Context, inputs: Inputs) -> Created:
    """The capacity providers of a cluster."""
    name = inputs["clusterName"]
    wanted = {"capacityProviders": [], "defaultCapacityProviderStrategies": [], **inputs}
    rename = {"defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy"}
    context.call(
        "ecs", "put_cluster_capacity_providers", wanted, rename, ("clusterName",), cluster=name
    )
    return name, {}


def _delete_task_definition(context: Context, _id: str, state: Outputs) -> None:
    if not state.get("skipDestroy"):
        context.client("ecs").deregister_task_definition(taskDefinition=state["arn"])


@creates(
    "aws:ecs/taskDefinition:TaskDefinition",
    update=Update(
        state_only,
        replaced_by=(
            "containerDefinitions",
            "cpu",
            "enableFaultInjection",
            "ephemeralStorage",
            "executionRoleArn",
            "family",
            "ipcMode",
            "memory",
            "networkMode",
            "pidMode",
            "placementConstraints",
            "proxyConfiguration",
            "requiresCompatibilities",
            "runtimePlatform",
            "taskRoleArn",
            "volumes",
        ),
        changes=("skipDestroy", "trackLatest"),
    ),
    delete=_delete_task_definition,
)
def task_definition(context: Context, inputs: Inputs) -> Created:
    """A revision of a task definition."""
    containers = inputs["containerDefinitions"]
    made = context.call(
        "ecs",
        "register_task_definition",
        inputs,
        {},
        ("containerDefinitions", "trackLatest"),
        containerDefinitions=json.loads(containers) if isinstance(containers, str) else containers,
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return made["family"], {
        "arn": arn,
        "arnWithoutRevision": arn.rpartition(":")[0],
        "revision": made["revision"],
    }


def _update_service(context: Context, _id: str, inputs: Inputs) -> Outputs:
    # `update_service` keeps what it is not given; the rest of a service cannot be changed.
    fixed = ("iamRole", "launchType", "name", "schedulingStrategy", "tags", "waitForSteadyState")
    force = bool(inputs.get("forceNewDeployment"))
    made = context.call(
        "ecs",
        "update_service",
        {**_service_arguments(inputs), "service": context.named(inputs)},
        {},
        (*fixed, *PROVIDER_ONLY),
        forceNewDeployment=force,
    )["service"]
    if inputs.get("waitForSteadyState"):
        _await_steady_state(context, made)
    return {}


def _delete_service(context: Context, _id: str, state: Outputs) -> None:
    """Scale to zero and delete, as the provider does."""
    cluster = state.get("cluster", "default")
    context.client("ecs").delete_service(cluster=cluster, service=state["name"], force=True)


@creates(
    "aws:ecs/service:Service",
    update=Update(
        _update_service,
        replaced_by=("cluster", "iamRole", "launchType", "name", "schedulingStrategy"),
        changes=(
            "alarms",
            "availabilityZoneRebalancing",
            "capacityProviderStrategies",
            "deploymentCircuitBreaker",
            "deploymentConfiguration",
            "deploymentMaximumPercent",
            "deploymentMinimumHealthyPercent",
            "desiredCount",
            "enableEcsManagedTags",
            "enableExecuteCommand",
            "forceDelete",
            "forceNewDeployment",
            "healthCheckGracePeriodSeconds",
            "loadBalancers",
            "networkConfiguration",
            "platformVersion",
            "propagateTags",
            "sigintRollback",
            "taskDefinition",
            "triggers",
            "waitForSteadyState",
        ),
    ),
    delete=_delete_service,
)
def service(context: Context, inputs: Inputs) -> Created:
    """A service, whose deployments the emulator runs."""
    name = context.named(inputs)
    made = context.call(
        "ecs",
        "create_service",
        _service_arguments(inputs),
        {"iamRole": "role"},
        ("name", "waitForSteadyState", *PROVIDER_ONLY),
        serviceName=name,
    )["service"]
    if inputs.get("waitForSteadyState"):
        _await_steady_state(context, made)
    return made["serviceArn"], {
        "name": name,
        "arn": made["serviceArn"],
        "launchType": made.get("launchType", ""),
        "platformVersion": made.get("platformVersion", ""),
    }


def _service_arguments(inputs: Inputs) -> Inputs:
    """Return the inputs in the form of AWS, which has one structure for all of a deployment."""
    deployment: dict[str, Any] = dict(inputs.get("deploymentConfiguration") or {})
    for theirs, ours in (
        ("alarms", "alarms"),
        ("deploymentCircuitBreaker", "deploymentCircuitBreaker"),
        ("maximumPercent", "deploymentMaximumPercent"),
        ("minimumHealthyPercent", "deploymentMinimumHealthyPercent"),
    ):
        if inputs.get(ours) is not None:
            deployment[theirs] = inputs[ours]
    wanted = {
        key: value
        for key, value in inputs.items()
        if key
        not in (
            "alarms",
            "deploymentCircuitBreaker",
            "deploymentMaximumPercent",
            "deploymentMinimumHealthyPercent",
        )
    }
    wanted["deploymentConfiguration"] = deployment or None
    network = inputs.get("networkConfiguration")
    if network:
        public = "ENABLED" if network.get("assignPublicIp") else "DISABLED"
        wanted["networkConfiguration"] = {
            "awsvpcConfiguration": {**network, "assignPublicIp": public}
        }
    return wanted


def _await_steady_state(context: Context, service: dict[str, Any]) -> None:
    """Wait until a new deployment is the only one and completed, as the provider does.

    Raises ValueError if it failed, also if it was rolled back.
    """
    client, name = context.client("ecs"), service["serviceName"]
    began = _primary(service)["id"]
    deadline = time.monotonic() + STEADY_SECONDS
    while time.monotonic() < deadline:
        cluster = service["clusterArn"]
        found = client.describe_services(cluster=cluster, services=[name])["services"][0]
        mine = next((each for each in found["deployments"] if each["id"] == began), None)
        if mine is None or mine["rolloutState"] == "FAILED":
            reason = (mine or {}).get("rolloutStateReason") or "it was replaced by another one"
            raise ValueError(f"the deployment of the service {name} failed: {reason}")
        running = found["runningCount"] == found["desiredCount"]
        alone = mine is _primary(found) and len(_live(found)) == 1
        if mine["rolloutState"] == "COMPLETED" and running and alone:
            return
        time.sleep(0.1)
    raise ValueError(f"the service {name} did not reach a steady state in {STEADY_SECONDS} s")


def _primary(service: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in service["deployments"] if each["status"] == "PRIMARY")


def _live(service: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the deployments of a service without those that failed earlier."""
    return [each for each in service["deployments"] if each["rolloutState"] != "FAILED"]
