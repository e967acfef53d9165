"""A pipeline of AWS CodePipeline (type V2) whose source is a repository of a connection."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.bucket import Bucket
from .._blocks.service_role import ServiceRole
from .build_project import CONNECTION_SERVICES, BuildProject

Action = tuple[dict[str, Any], BuildProject | None]
"""An action and the project that it runs, if any."""
Stage = tuple[str, Sequence[Action]]
"""Name and actions of a stage."""

_SOURCE, _CONNECTION = "Source", "CodeStarSourceConnection"
DATA_LOSS = "DataLoss"
"""The pipeline variable that accepts the loss of data for one run."""


def build(name: str, project: BuildProject, order: int = 1, **environment: str) -> Action:
    """Return an action that runs a project.

    Args:
        name: name of the action.
        project: the project to run.
        order: run order within the stage; actions of the same order run in parallel.
        environment: environment variables of this action.
    """
    variables = [{"name": key, "value": value} for key, value in environment.items()]
    configuration: dict[str, pulumi.Input[str]] = {"ProjectName": project.project_name}
    if variables:
        configuration["EnvironmentVariables"] = json.dumps(variables)
    return _action(name, "Build", "CodeBuild", order, configuration), project


def approve(text: str, order: int) -> Action:
    """Return an action that waits for a manual approval, for up to a week.

    Args:
        text: text for the person who approves.
        order: run order within the stage.
    """
    return _action("Approve", "Approval", "Manual", order, {"CustomData": text}), None


def create_pipeline(
    name: str,
    *,
    parent: pulumi.Resource,
    connection_arn: pulumi.Input[str],
    repository: str,
    branch: str,
    trigger: Mapping[str, Any],
    execution_mode: str,
    artifacts: Bucket,
    stages: Sequence[Stage],
) -> aws.codepipeline.Pipeline:
    """Create a pipeline and its role.

    Args:
        name: name of the pipeline, and prefix of its role's name.
        parent: the component it belongs to.
        connection_arn: ARN of the connection.
        repository: `owner/name`.
        branch: branch of executions that are started manually.
        trigger: Git events that start an execution.
        execution_mode: how concurrent executions are handled: `SUPERSEDED` or `PARALLEL`.
        artifacts: bucket of the artifacts.
        stages: stages after the source.
    """
    projects = {
        id(project): project for _, actions in stages for _, project in actions if project
    }.values()
    role = ServiceRole(
        name,
        "codepipeline.amazonaws.com",
        [
            artifacts.grant_read_versions(),
            artifacts.grant_write(""),
            allow(["s3:GetBucketLocation", "s3:GetBucketVersioning"], artifacts.arn),
            *_grant_source(connection_arn, repository),
            allow(
                ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
                *[project.arn for project in projects],
            ),
        ],
        parent=parent,
    )
    source = _action(
        _SOURCE,
        "Source",
        _CONNECTION,
        1,
        {
            "ConnectionArn": connection_arn,
            "FullRepositoryId": repository,
            "BranchName": branch,
            # A ZIP archive has no Git history, which the checks need, and no symbolic links.
            "OutputArtifactFormat": "CODEBUILD_CLONE_REF",
        },
    )
    return aws.codepipeline.Pipeline(
        name,
        role_arn=role.arn,
        pipeline_type="V2",
        execution_mode=execution_mode,
        artifact_stores=[{"type": "S3", "location": artifacts.bucket_name}],
        triggers=[_trigger(trigger)],
        variables=[
            {
                "name": DATA_LOSS,
                "default_value": "refused",
                "description": "Resources whose data may be lost: STACK/RESOURCE ...",
            }
        ],
        stages=[_stage(_SOURCE, [(source, None)]), *[_stage(*each) for each in stages]],
        # A new pipeline starts immediately and needs its permissions.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role.policy]),
    )


def _grant_source(connection_arn: pulumi.Input[str], repository: str) -> list[StatementArgs]:
    """Return the permissions to read the source of one repository.

    A request has the key of the repository only if it concerns one, and AWS does not list the
    actions that a source needs: hence `IfExists`, and `read_only` instead of actions.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html#permissions-reference-connections-use
    """
    return [
        {
            "actions": [f"{service}:UseConnection"],
            "resources": [connection_arn],
            "condition": {
                "StringEqualsIfExists": {
                    f"{service}:FullRepositoryId": repository,
                    f"{service}:ProviderPermissionsRequired": "read_only",
                },
            },
        }
        for service in CONNECTION_SERVICES
    ]


def _trigger(events: Mapping[str, Any]) -> Any:
    configuration = {"source_action_name": _SOURCE, **events}
    return {"provider_type": _CONNECTION, "git_configuration": configuration}


def _stage(name: str, actions: Sequence[Action]) -> Any:
    return {"name": name, "actions": [action for action, _ in actions]}


def _action(
    name: str,
    category: str,
    provider: str,
    order: int,
    configuration: Mapping[str, pulumi.Input[str]],
) -> dict[str, Any]:
    action: dict[str, Any] = {
        "name": name,
        "category": category,
        "owner": "AWS",
        "provider": provider,
        "version": "1",
        "run_order": order,
        "configuration": configuration,
    }
    if category == "Source":
        return {**action, "namespace": "source", "output_artifacts": ["source"]}
    return {**action, "input_artifacts": ["source"]} if category == "Build" else action
