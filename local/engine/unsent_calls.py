"""The AWS calls that would create the types of `not_emulated.py`, so that they are checked too."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.engine.context import ACCOUNT, Context

Inputs = dict[str, Any]
Check = Callable[[Context, Inputs], None]


def _call(
    service: str,
    operation: str,
    rename: Mapping[str, str] | None = None,
    handled: tuple[str, ...] = (),
    *,
    name: str = "",
    key: str = "name",
    shaped: Callable[[Inputs], Inputs] = dict,
    **given: Any,
) -> Check:
    """Return the check of one operation.

    `name` is the member for the physical name, which the input `key` may give. `shaped` brings the
    inputs into the form of AWS.
    """

    def check(context: Context, inputs: Inputs) -> None:
        named = {name: context.named(inputs, key)} if name else {}
        own = (key, *handled) if name else handled
        context.check(service, operation, shaped(inputs), rename, own, **named, **given)

    return check


def _pipeline(context: Context, inputs: Inputs) -> None:
    """AWS takes a pipeline in one member, its actions with a structure for their type."""
    own = {key: value for key, value in inputs.items() if key not in ("tags", "artifactStores")}
    stages = [
        {**stage, "actions": [_action(each) for each in stage["actions"]]}
        for stage in inputs["stages"]
    ]
    stores = inputs["artifactStores"]
    if len(stores) == 1:
        own["artifactStore"] = stores[0]
    else:
        own["artifactStores"] = {each["region"]: each for each in stores}
    pipeline = {**own, "name": context.named(inputs), "stages": stages}
    triggers = "pipeline.triggers.gitConfiguration"
    rename = {f"{triggers}.pushes": "push", f"{triggers}.pullRequests": "pullRequest"}
    context.check(
        "codepipeline",
        "create_pipeline",
        {"pipeline": pipeline, "tags": inputs.get("tags", {})},
        rename,
    )


def _action(action: Inputs) -> Inputs:
    kind = ("category", "owner", "provider", "version")
    own = {key: value for key, value in action.items() if key not in kind}
    for artifacts in ("inputArtifacts", "outputArtifacts"):
        own[artifacts] = [{"name": each} for each in action.get(artifacts, ())]
    return {**own, "actionTypeId": {key: action[key] for key in kind}}


def _group(inputs: Inputs) -> Inputs:
    """AWS takes names of alarms in structures."""
    alarms = inputs.get("alarmConfiguration")
    if not alarms:
        return inputs
    names = [{"name": each} for each in alarms.get("alarms", ())]
    return {**inputs, "alarmConfiguration": {**alarms, "alarms": names}}


def _data_set(inputs: Inputs) -> Inputs:
    """AWS takes tables by their ID, which the provider takes as a member."""
    tables = {each["physicalTableMapId"]: each for each in inputs.get("physicalTableMaps", ())}
    own = {
        key: {name: value for name, value in each.items() if name != "physicalTableMapId"}
        for key, each in tables.items()
    }
    return {**inputs, "physicalTableMaps": own}


def _dashboard(context: Context, inputs: Inputs) -> None:
    """CloudFormation's type has the members of the operation."""
    if inputs["typeName"] == "AWS::QuickSight::Dashboard":
        context.check("quicksight", "create_dashboard", json.loads(inputs["desiredState"]))


CHECKS: dict[str, Check] = {
    "aws:appautoscaling/policy:Policy": _call(
        "application-autoscaling", "put_scaling_policy", name="PolicyName"
    ),
    "aws:appautoscaling/target:Target": _call(
        "application-autoscaling", "register_scalable_target"
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": _call("events", "put_permission"),
    "aws:cloudwatch/logDelivery:LogDelivery": _call("logs", "create_delivery"),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _call(
        "logs", "put_delivery_destination"
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _call("logs", "put_delivery_source"),
    "aws:codebuild/project:Project": _call(
        "codebuild", "create_project", {"buildTimeout": "timeoutInMinutes"}, name="name"
    ),
    "aws:codepipeline/pipeline:Pipeline": _pipeline,
    "aws:codedeploy/application:Application": _call(
        "codedeploy", "create_application", name="applicationName"
    ),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": _call(
        "codedeploy",
        "create_deployment_config",
        {
            f"trafficRoutingConfig.timeBased{kind}.{each}": f"{kind.lower()}{each.title()}"
            for kind in ("Canary", "Linear")
            for each in ("interval", "percentage")
        },
        name="deploymentConfigName",
        key="deploymentConfigName",
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": _call(
        "codedeploy", "create_deployment_group", {"appName": "applicationName"}, shaped=_group
    ),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": _call(
        "cognito-idp", "create_managed_login_branding"
    ),
    "aws:cloudcontrol/resource:Resource": _dashboard,
    "aws:dax/cluster:Cluster": _call(
        "dax", "create_cluster", {"serverSideEncryption": "SSESpecification"}
    ),
    "aws:dax/parameterGroup:ParameterGroup": _call(
        "dax", "create_parameter_group", handled=("parameters",), name="ParameterGroupName"
    ),
    "aws:dax/subnetGroup:SubnetGroup": _call("dax", "create_subnet_group", name="SubnetGroupName"),
    "aws:quicksight/dataSet:DataSet": _call(
        "quicksight", "create_data_set", shaped=_data_set, AwsAccountId=ACCOUNT
    ),
    "aws:quicksight/dataSource:DataSource": _call(
        "quicksight",
        "create_data_source",
        {"parameters": "DataSourceParameters", "parameters.athena": "AthenaParameters"},
        AwsAccountId=ACCOUNT,
    ),
    "aws:redshift/integration:Integration": _call("redshift", "create_integration"),
    "aws:redshift/resourcePolicy:ResourcePolicy": _call("redshift", "put_resource_policy"),
    "aws:redshiftserverless/namespace:Namespace": _call("redshift-serverless", "create_namespace"),
    "aws:redshiftserverless/workgroup:Workgroup": _call("redshift-serverless", "create_workgroup"),
    "aws:schemas/registry:Registry": _call("schemas", "create_registry", name="RegistryName"),
    "aws:schemas/schema:Schema": _call("schemas", "create_schema", name="SchemaName"),
}
