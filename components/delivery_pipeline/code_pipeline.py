"""A pipeline of AWS CodePipeline (type V2) whose source is a repository of a connection."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow
from .._blocks.bucket import Bucket
from .._blocks.service_role import ServiceRole
from .build_project import BuildProject

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
            allow(
                ["codeconnections:UseConnection", "codestar-connections:UseConnection"],
                connection_arn,
            ),
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
                "description": "Set to 'accepted' to allow a change that loses data",
            }
        ],
        stages=[_stage(_SOURCE, [(source, None)]), *[_stage(*each) for each in stages]],
        # A new pipeline starts immediately and needs its permissions.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role.policy]),
    )


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
