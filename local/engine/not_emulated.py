"""Resource types that the emulator does not have. `make up` lists those that a stack uses.

The resource is not created. Its arguments are checked as those of the AWS operation that would
create it. The program continues with outputs in the form of AWS.
"""

from local.engine.context import ACCOUNT, Context
from local.engine.registry import Created, Creator, Inputs, ResourceType, overwrite, with_owner
from local.engine.unsent_calls import CHECKS


def _registry(context: Context, inputs: Inputs) -> Created:
    name = context.named(inputs, limit=64)
    return name, {"name": name, "arn": context.arn("schemas", f"registry/{name}")}


def _schema(context: Context, inputs: Inputs) -> Created:
    name = context.named(inputs, limit=385)
    path = f"{inputs['registryName']}/{name}"
    return path, {"name": name, "arn": context.arn("schemas", f"schema/{path}"), "version": "1"}


def _bus_policy(_context: Context, inputs: Inputs) -> Created:
    return inputs.get("eventBusName", "default"), {}


def _named(service: str, kind: str, key: str = "name") -> Creator:
    """Returns the answer for a type whose outputs are only its name and ARN."""

    def answer(context: Context, inputs: Inputs) -> Created:
        name = context.named(inputs, key)
        return name, {key: name, "arn": context.arn(service, f"{kind}{name}")}

    return answer


def _cluster(context: Context, inputs: Inputs) -> Created:
    name = context.named(inputs, "clusterName", limit=20)
    outputs = {"arn": context.arn("dax", f"cache/{name}"), "nodes": [], "port": 0}
    # A client with the address of a missing cluster hangs. Without an address it uses the table.
    return name, {"clusterName": name, "clusterAddress": "", "configurationEndpoint": "", **outputs}


def _subnet_group(context: Context, inputs: Inputs) -> Created:
    name = context.named(inputs)
    return name, {"name": name, "vpcId": ""}


def _application(context: Context, inputs: Inputs) -> Created:
    name, outputs = _named("codedeploy", "application:")(context, inputs)
    return name, {
        **outputs,
        "applicationId": name,
        "githubAccountName": "",
        "linkedToGithub": False,
    }


def _deployment_group(context: Context, inputs: Inputs) -> Created:
    name = f"{inputs['appName']}/{inputs['deploymentGroupName']}"
    return name, {
        "arn": context.arn("codedeploy", f"deploymentgroup:{name}"),
        "deploymentGroupId": name,
        "computePlatform": "Lambda",
    }


def _deployment_config(context: Context, inputs: Inputs) -> Created:
    name, outputs = _named("codedeploy", "deploymentconfig:", "deploymentConfigName")(
        context, inputs
    )
    return name, {**outputs, "deploymentConfigId": name}


def _scaling_target(context: Context, inputs: Inputs) -> Created:
    name = inputs["resourceId"]
    role = context.arn("iam", "role/aws-service-role/application-autoscaling", region="")
    arn = context.arn("application-autoscaling", f"scalable-target/{name}")
    return name, {"arn": arn, "roleArn": inputs.get("roleArn", role)}


def _scaling_policy(context: Context, inputs: Inputs) -> Created:
    name, outputs = _named("autoscaling", "scalingPolicy:")(context, inputs)
    return name, {**outputs, "alarmArns": []}


def _branding(context: Context, inputs: Inputs) -> Created:
    branding = context.named({})
    return f"{inputs['userPoolId']},{branding}", {
        "managedLoginBrandingId": branding,
        "settingsAll": inputs.get("settings", "{}"),
    }


def _delivery(context: Context, _inputs: Inputs) -> Created:
    name = context.named({})
    return name, {"arn": context.arn("logs", f"delivery:{name}"), "deliverySourceName": name}


def _controlled(_context: Context, inputs: Inputs) -> Created:
    return inputs["typeName"], {"properties": inputs["desiredState"]}


def _warehouse(kind: str) -> Creator:
    """Returns the answer for a Redshift Serverless `namespace` or `workgroup`."""

    def answer(context: Context, inputs: Inputs) -> Created:
        name = inputs[f"{kind}Name"]
        arn = context.arn("redshift-serverless", f"{kind}/{name}")
        # A program may pass the secret on, although there is no warehouse that it belongs to.
        return name, {"arn": arn, f"{kind}Id": name, "adminPasswordSecretArn": "", "endpoints": []}

    return answer


def _integration(context: Context, inputs: Inputs) -> Created:
    arn = context.arn("redshift", f"integration:{inputs['integrationName']}")
    return arn, {"arn": arn}


def _resource_policy(_context: Context, inputs: Inputs) -> Created:
    return inputs["resourceArn"], {}


def _quicksight(kind: str, key: str) -> Creator:
    """Returns the answer for a QuickSight `kind` whose ID is the input `key`."""

    def answer(context: Context, inputs: Inputs) -> Created:
        name = inputs[key]
        return f"{ACCOUNT},{name}", {"arn": context.arn("quicksight", f"{kind}/{name}")}

    return answer


NO_BRANDING = "the emulator's login pages have a fixed appearance"

NO_DELIVERIES = "the emulator has no log deliveries; the edge writes no access log"

NO_BUILDS = "the emulator runs no builds; `make pr` and `make preview` run the same steps"

NO_CONTROL = "the emulator has no Cloud Control API, which creates QuickSight dashboards"

NO_DAX = "the emulator has no DAX; the endpoint is empty, so functions read from the table"

NO_QUICKSIGHT = "the emulator has no QuickSight; Athena answers the same queries"

NO_REDSHIFT = "the emulator has no Redshift; records are not copied; Athena queries the lake"

NO_RELEASES = "the emulator has no CodeDeploy; an alias moves to a new version immediately"

NO_SCALING = "the emulator has no Application Auto Scaling; capacity and task counts stay"

NO_SCHEMAS = "the emulator has no schema registry; functions validate against their own copy"

NO_BUS_POLICIES = "the emulator treats a bus policy as one that allows everyone; IAM still applies"


def _absent(reason: str, answer: Creator) -> ResourceType:
    """Returns a type that creates nothing, tells the user the reason and checks the arguments."""

    def create(context: Context, inputs: Inputs) -> Created:
        context.note(f"{context.type}: {reason}")
        check = CHECKS.get(context.type)
        if check:
            check(context, inputs)
        return answer(context, inputs)

    return ResourceType(create, overwrite(), with_owner)


NOT_EMULATED = {
    "aws:appautoscaling/policy:Policy": _absent(NO_SCALING, _scaling_policy),
    "aws:appautoscaling/target:Target": _absent(NO_SCALING, _scaling_target),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": _absent(NO_BUS_POLICIES, _bus_policy),
    "aws:cloudwatch/logDelivery:LogDelivery": _absent(NO_DELIVERIES, _delivery),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _absent(
        NO_DELIVERIES, _named("logs", "delivery-destination:")
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _absent(
        NO_DELIVERIES, _named("logs", "delivery-source:")
    ),
    "aws:codebuild/project:Project": _absent(NO_BUILDS, _named("codebuild", "project/")),
    "aws:codepipeline/pipeline:Pipeline": _absent(NO_BUILDS, _named("codepipeline", "")),
    "aws:codedeploy/application:Application": _absent(NO_RELEASES, _application),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": _absent(NO_RELEASES, _deployment_config),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": _absent(NO_RELEASES, _deployment_group),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": _absent(NO_BRANDING, _branding),
    "aws:cloudcontrol/resource:Resource": _absent(NO_CONTROL, _controlled),
    "aws:dax/cluster:Cluster": _absent(NO_DAX, _cluster),
    "aws:dax/parameterGroup:ParameterGroup": _absent(NO_DAX, _named("dax", "parametergroup/")),
    "aws:dax/subnetGroup:SubnetGroup": _absent(NO_DAX, _subnet_group),
    "aws:quicksight/dashboard:Dashboard": _absent(
        NO_QUICKSIGHT, _quicksight("dashboard", "dashboardId")
    ),
    "aws:quicksight/dataSet:DataSet": _absent(NO_QUICKSIGHT, _quicksight("dataset", "dataSetId")),
    "aws:quicksight/dataSource:DataSource": _absent(
        NO_QUICKSIGHT, _quicksight("datasource", "dataSourceId")
    ),
    "aws:redshift/integration:Integration": _absent(NO_REDSHIFT, _integration),
    "aws:redshift/resourcePolicy:ResourcePolicy": _absent(NO_REDSHIFT, _resource_policy),
    "aws:redshiftserverless/namespace:Namespace": _absent(NO_REDSHIFT, _warehouse("namespace")),
    "aws:redshiftserverless/workgroup:Workgroup": _absent(NO_REDSHIFT, _warehouse("workgroup")),
    "aws:schemas/registry:Registry": _absent(NO_SCHEMAS, _registry),
    "aws:schemas/schema:Schema": _absent(NO_SCHEMAS, _schema),
}
