"""BuildProject: a CodeBuild project of a pipeline, with its own role and log group."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.bucket import Bucket
from .._blocks.service_role import ServiceRole


class BuildProject:
    """Runs a buildspec in a clone of the repository. Adds no level to the URN.

    Args:
        name: name of the project, and prefix of its role's and log group's names.
        buildspec: text of the buildspec.
        parent: the component it belongs to.
        image: CodeBuild image, x86-64 Linux.
        minutes: timeout of a build.
        environment: environment variables.
        log_retention_days: retention of logs in days.
        artifacts: bucket of the pipeline's artifacts.
        statements: permissions of its role, besides reading artifacts and writing logs.
    """

    def __init__(
        self,
        name: str,
        buildspec: str,
        *,
        parent: pulumi.Resource,
        image: str,
        minutes: int,
        environment: Mapping[str, pulumi.Input[str]],
        log_retention_days: int,
        artifacts: Bucket,
        statements: Sequence[StatementArgs],
    ) -> None:
        opts = pulumi.ResourceOptions(parent=parent)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", retention_in_days=log_retention_days, opts=opts
        )
        streams = pulumi.Output.concat(logs.arn, ":*")
        role = ServiceRole(
            name,
            "codebuild.amazonaws.com",
            [
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams),
                artifacts.grant_read_versions(),
                *statements,
            ],
            parent=parent,
        )
        self.role_arn = role.arn
        self.project = aws.codebuild.Project(
            name,
            service_role=role.arn,
            build_timeout=minutes,
            source={"type": "CODEPIPELINE", "buildspec": buildspec},
            artifacts={"type": "CODEPIPELINE"},
            environment={
                "type": "LINUX_CONTAINER",
                "compute_type": "BUILD_GENERAL1_MEDIUM",
                "image": image,
                "privileged_mode": False,
                "environment_variables": [
                    {"name": key, "value": value} for key, value in environment.items()
                ],
            },
            logs_config={"cloudwatch_logs": {"status": "ENABLED", "group_name": logs.name}},
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=[role.policy])
            ),
        )
        self.project_name, self.arn = self.project.name, self.project.arn


CONNECTION_SERVICES = ("codeconnections", "codestar-connections")
"""The ARN of a connection has the service's new or old name, and its actions and keys too."""


def grant_clone(connection_arn: pulumi.Input[str], repository: str) -> list[StatementArgs]:
    """Return the permissions to clone a repository, and for nothing else that a connection can do.

    https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html#permissions-reference-connections-access

    Args:
        connection_arn: ARN of the connection.
        repository: `owner/name`.
    """
    return [
        {
            "actions": [f"{service}:UseConnection"],
            "resources": [connection_arn],
            "condition": {
                "StringEquals": {
                    f"{service}:FullRepositoryId": repository,
                    f"{service}:ProviderAction": "GitPull",
                },
            },
        }
        for service in CONNECTION_SERVICES
    ]
