"""What the embedded cloud cannot hold. `make up` shows every entry that a stack uses.

The resource is not made; the program goes on with outputs of the form that AWS gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.engine.context import ACCOUNT, Context

Answer = Callable[[Context, dict[str, Any]], tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class NotEmulated:
    """Why a resource type is only pretended, and the (id, outputs) given for it."""

    reason: str
    answer: Answer


def _registry(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs, limit=64)
    return name, {"name": name, "arn": context.arn("schemas", f"registry/{name}")}


def _schema(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs, limit=385)
    path = f"{inputs['registryName']}/{name}"
    return path, {"name": name, "arn": context.arn("schemas", f"schema/{path}"), "version": "1"}


def _bus_policy(_context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return inputs.get("eventBusName", "default"), {}


def _named(service: str, kind: str, key: str = "name") -> Answer:
    """The answer for a type of which a program knows no more than its name and ARN."""

    def answer(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = context.named(inputs, key)
        return name, {key: name, "arn": context.arn(service, f"{kind}{name}")}

    return answer


def _cluster(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs, "clusterName", limit=20)
    outputs = {"arn": context.arn("dax", f"cache/{name}"), "nodes": [], "port": 0}
    # A client that is given an address without DAX behind it hangs; given none, it uses the table.
    return name, {"clusterName": name, "clusterAddress": "", "configurationEndpoint": "", **outputs}


def _subnet_group(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named(inputs)
    return name, {"name": name, "vpcId": ""}


def _application(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, outputs = _named("codedeploy", "application:")(context, inputs)
    return name, {
        **outputs,
        "applicationId": name,
        "githubAccountName": "",
        "linkedToGithub": False,
    }


def _deployment_group(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = f"{inputs['appName']}/{inputs['deploymentGroupName']}"
    return name, {
        "arn": context.arn("codedeploy", f"deploymentgroup:{name}"),
        "deploymentGroupId": name,
        "computePlatform": "Lambda",
    }


def _deployment_config(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, outputs = _named("codedeploy", "deploymentconfig:", "deploymentConfigName")(
        context, inputs
    )
    return name, {**outputs, "deploymentConfigId": name}


def _scaling_target(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = inputs["resourceId"]
    role = context.arn("iam", "role/aws-service-role/application-autoscaling", region="")
    arn = context.arn("application-autoscaling", f"scalable-target/{name}")
    return name, {"arn": arn, "roleArn": inputs.get("roleArn", role)}


def _scaling_policy(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, outputs = _named("autoscaling", "scalingPolicy:")(context, inputs)
    return name, {**outputs, "alarmArns": []}


def _branding(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    branding = context.named({})
    return f"{inputs['userPoolId']},{branding}", {
        "managedLoginBrandingId": branding,
        "settingsAll": inputs.get("settings", "{}"),
    }


def _delivery(context: Context, _inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = context.named({})
    return name, {"arn": context.arn("logs", f"delivery:{name}"), "deliverySourceName": name}


def _controlled(_context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return inputs["typeName"], {"properties": inputs["desiredState"]}


def _warehouse(kind: str) -> Answer:
    """The answer for a Redshift Serverless `namespace` or `workgroup`."""

    def answer(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = inputs[f"{kind}Name"]
        arn = context.arn("redshift-serverless", f"{kind}/{name}")
        # A program may hand the secret on, but there is nothing that it would open.
        return name, {"arn": arn, f"{kind}Id": name, "adminPasswordSecretArn": "", "endpoints": []}

    return answer


def _integration(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    arn = context.arn("redshift", f"integration:{inputs['integrationName']}")
    return arn, {"arn": arn}


def _resource_policy(_context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return inputs["resourceArn"], {}


def _quicksight(kind: str, key: str) -> Answer:
    """The answer for a QuickSight `kind` whose ID is the input `key`."""

    def answer(context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = inputs[key]
        return f"{ACCOUNT},{name}", {"arn": context.arn("quicksight", f"{kind}/{name}")}

    return answer


NO_BRANDING = "the emulator's login pages have a look of their own"

NO_DELIVERIES = "the emulator has no log deliveries; the edge writes no access log"

NO_BUILDS = "the emulator runs no builds; `make pr` and `make preview` do what they would"

NO_CONTROL = "the emulator has no Cloud Control, by which QuickSight's dashboards are made"

NO_DAX = "the emulator has no DAX; its endpoint is empty, so that functions read from the table"

NO_QUICKSIGHT = "the emulator has no QuickSight; Athena answers the same queries"

NO_REDSHIFT = "the emulator has no Redshift; records are copied nowhere, Athena queries the lake"

NO_RELEASES = "the emulator has no CodeDeploy; an alias moves to a new version at once"

NO_SCALING = "the emulator has no autoscaling; a table never runs out of capacity"

NO_SCHEMAS = "the emulator has no schema registry; functions validate against their own copy"

NO_BUS_POLICIES = "the emulator takes a bus policy for one that allows everyone; IAM still holds"

NOT_EMULATED = {
    "aws:appautoscaling/policy:Policy": NotEmulated(NO_SCALING, _scaling_policy),
    "aws:appautoscaling/target:Target": NotEmulated(NO_SCALING, _scaling_target),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": NotEmulated(NO_BUS_POLICIES, _bus_policy),
    "aws:cloudwatch/logDelivery:LogDelivery": NotEmulated(NO_DELIVERIES, _delivery),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": NotEmulated(
        NO_DELIVERIES, _named("logs", "delivery-destination:")
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": NotEmulated(
        NO_DELIVERIES, _named("logs", "delivery-source:")
    ),
    "aws:codebuild/project:Project": NotEmulated(NO_BUILDS, _named("codebuild", "project/")),
    "aws:codepipeline/pipeline:Pipeline": NotEmulated(NO_BUILDS, _named("codepipeline", "")),
    "aws:codedeploy/application:Application": NotEmulated(NO_RELEASES, _application),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": NotEmulated(
        NO_RELEASES, _deployment_config
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": NotEmulated(NO_RELEASES, _deployment_group),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": NotEmulated(NO_BRANDING, _branding),
    "aws:cloudcontrol/resource:Resource": NotEmulated(NO_CONTROL, _controlled),
    "aws:dax/cluster:Cluster": NotEmulated(NO_DAX, _cluster),
    "aws:dax/parameterGroup:ParameterGroup": NotEmulated(NO_DAX, _named("dax", "parametergroup/")),
    "aws:dax/subnetGroup:SubnetGroup": NotEmulated(NO_DAX, _subnet_group),
    "aws:quicksight/dashboard:Dashboard": NotEmulated(
        NO_QUICKSIGHT, _quicksight("dashboard", "dashboardId")
    ),
    "aws:quicksight/dataSet:DataSet": NotEmulated(
        NO_QUICKSIGHT, _quicksight("dataset", "dataSetId")
    ),
    "aws:quicksight/dataSource:DataSource": NotEmulated(
        NO_QUICKSIGHT, _quicksight("datasource", "dataSourceId")
    ),
    "aws:redshift/integration:Integration": NotEmulated(NO_REDSHIFT, _integration),
    "aws:redshift/resourcePolicy:ResourcePolicy": NotEmulated(NO_REDSHIFT, _resource_policy),
    "aws:redshiftserverless/namespace:Namespace": NotEmulated(NO_REDSHIFT, _warehouse("namespace")),
    "aws:redshiftserverless/workgroup:Workgroup": NotEmulated(NO_REDSHIFT, _warehouse("workgroup")),
    "aws:schemas/registry:Registry": NotEmulated(NO_SCHEMAS, _registry),
    "aws:schemas/schema:Schema": NotEmulated(NO_SCHEMAS, _schema),
}
