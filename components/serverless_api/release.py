"""Gradual deployments of an API's functions, with rollback on alarms."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow, role_policy, trust_policy
from .._blocks.arguments import OneOf, declare
from .functions import ApiFunctions

STRATEGIES = (
    "LambdaCanary10Percent5Minutes",
    "LambdaCanary10Percent10Minutes",
    "LambdaCanary10Percent15Minutes",
    "LambdaCanary10Percent30Minutes",
    "LambdaLinear10PercentEvery1Minute",
    "LambdaLinear10PercentEvery2Minutes",
    "LambdaLinear10PercentEvery3Minutes",
    "LambdaLinear10PercentEvery10Minutes",
    "LambdaAllAtOnce",
)


class ReleaseArgs(TypedDict):
    """Gradual deployments of new code."""

    strategy: NotRequired[str]
    """How requests shift to new code: the name of one of CodeDeploy's predefined deployment
    configurations for Lambda, without `CodeDeployDefault.`.
    Default: `LambdaCanary10Percent5Minutes`."""


declare(
    ReleaseArgs,
    defaults={"strategy": STRATEGIES[0]},
    limits={"strategy": OneOf(STRATEGIES)},
)


def create_release(
    name: str,
    args: ReleaseArgs,
    functions: ApiFunctions,
    alarm_names: Sequence[pulumi.Output[str]],
    alarm_arns: Sequence[pulumi.Output[str]],
    *,
    parent: pulumi.Resource,
) -> aws.codedeploy.Application:
    """Create a CodeDeploy application with a deployment group for each function, of the same name.

    Pulumi creates each function's alias `live`; `tools/release.py` lets CodeDeploy update it. An
    alarm of the API or of the function while requests shift rolls the deployment back. A deployment
    group takes at most ten alarms ("CodeDeploy quotas" in the CodeDeploy user guide), so it has not
    those of the other functions.

    Args:
        name: name of the API.
        args: see `ReleaseArgs`.
        functions: functions of the API.
        alarm_names: alarms of the API that roll back a deployment.
        alarm_arns: all alarms, which CodeDeploy may read.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    role = _create_role(name, functions, alarm_arns, opts)
    application = aws.codedeploy.Application(
        f"{name}-releases", compute_platform="Lambda", opts=opts
    )
    for function, _ in functions.created.values():
        aws.codedeploy.DeploymentGroup(
            f"{function.name}-release",
            app_name=application.name,
            deployment_group_name=function.function_name,
            service_role_arn=role.arn,
            deployment_config_name=f"CodeDeployDefault.{args['strategy']}",
            deployment_style={
                "deployment_option": "WITH_TRAFFIC_CONTROL",
                "deployment_type": "BLUE_GREEN",
            },
            alarm_configuration={
                "enabled": True,
                "alarms": [*alarm_names, *function.alarm_names],
            },
            auto_rollback_configuration={
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            opts=opts,
        )
    return application


def _create_role(
    name: str,
    functions: ApiFunctions,
    alarm_arns: Sequence[pulumi.Output[str]],
    opts: pulumi.ResourceOptions,
) -> aws.iam.Role:
    role = aws.iam.Role(
        f"{name}-release-role",
        assume_role_policy=trust_policy("codedeploy.amazonaws.com"),
        opts=opts,
    )
    arns = [function.arn for function, _ in functions.created.values()]
    versions = [pulumi.Output.concat(arn, ":*") for arn in arns]
    aws.iam.RolePolicy(
        f"{name}-release-policy",
        role=role.name,
        policy=role_policy(
            [
                allow(
                    [
                        "lambda:GetAlias",
                        "lambda:GetFunction",
                        "lambda:GetProvisionedConcurrencyConfig",
                        "lambda:UpdateAlias",
                    ],
                    *arns,
                    *versions,
                ),
                allow(["cloudwatch:DescribeAlarms"], *alarm_arns),
            ]
        ),
        opts=opts,
    )
    return role
