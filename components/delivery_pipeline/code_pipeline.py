"""CodePipeline: a pipeline of type V2 whose source is a repository behind a connection."""

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
"""An action, and the project that it runs."""
Stage = tuple[str, Sequence[Action]]
"""Name and actions of a stage."""

_SOURCE, _CONNECTION = "Source", "CodeStarSourceConnection"
DATA_LOSS = "DataLoss"
"""The pipeline variable that accepts, for one run, that data is lost."""


def build(name: str, project: BuildProject, order: int = 1, **environment: str) -> Action:
    """An action that runs a project.

    Args:
        name: of the action.
        project: what it runs.
        order: within its stage; actions of the same order run at once.
        environment: variables of this run.
    """
    variables = [{"name": key, "value": value} for key, value in environment.items()]
    configuration: dict[str, pulumi.Input[str]] = {"ProjectName": project.project_name}
    if variables:
        configuration["EnvironmentVariables"] = json.dumps(variables)
    return _action(name, "Build", "CodeBuild", order, configuration), project


def approve(text: str, order: int) -> Action:
    """An action that waits, for a week at most, until a person approves or rejects.

    Args:
        text: what the person is told.
        order: within its stage.
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
        name: of the pipeline, and the prefix of its role.
        parent: the component it belongs to.
        connection_arn: ARN of the connection.
        repository: `owner/name`.
        branch: what a run that a person starts takes.
        trigger: events that start a run.
        execution_mode: what happens to a run that meets another one.
        artifacts: bucket of its artifacts.
        stages: what it does with the source.
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
            # Builds clone: checks need the history, and a ZIP has neither that nor symbolic links.
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
                "description": "'accepted' lets a change pass that loses data",
            }
        ],
        stages=[_stage(_SOURCE, [(source, None)]), *[_stage(*each) for each in stages]],
        # A new pipeline runs at once.
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
