"""The tasks of a service: roles, logs and task definition."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, StatementArgs, allow, role_policy, trust_policy

CONTAINER = "service"
_CPUS = {"arm64": "ARM64", "x86_64": "X86_64"}


class Tasks:
    """What a task of a service runs as. Adds no level to the URN.

    Args:
        name: prefix of the resources' names.
        parent: the component they belong to.
        log_retention_days: retention of the logs.
    """

    def __init__(self, name: str, *, parent: pulumi.Resource, log_retention_days: int) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", retention_in_days=log_retention_days, opts=self._opts
        )
        self.log_group_name = self._logs.name
        self.role = self._create_role("task")
        """The role of the code."""
        self.execution_role = self._create_role("execution")
        """The role with which ECS starts tasks."""

    def define(
        self,
        image: pulumi.Input[str],
        *,
        pull: Sequence[StatementArgs],
        access: Sequence[AccessArgs],
        environment: Mapping[str, pulumi.Input[str]],
        container: Mapping[str, Any],
        cpu: int,
        memory: int,
        architecture: str,
    ) -> tuple[aws.ecs.TaskDefinition, list[pulumi.Resource]]:
        """Create the task definition.

        Args:
            image: reference of the image.
            pull: permissions to pull it.
            access: environment variables and permissions of the code.
            environment: further environment variables.
            container: further settings of the container, as in AWS's API.
            cpu: CPU units of a task.
            memory: memory of a task in MiB.
            architecture: `arm64` or `x86_64`.

        Returns:
            The task definition, and what a service that uses it must depend on.
        """
        statements = [grant for each in access for grant in each.get("statements", ())]
        policies = [
            self._create_policy("execution", self.execution_role, [*pull, *self._basics()]),
            self._create_policy("task", self.role, statements),
        ]
        variables = {**environment}
        for each in access:
            variables |= each.get("environment", {})
        definition = aws.ecs.TaskDefinition(
            f"{self._name}-task",
            # Pulumi names no families; the role has a name that no other stack has.
            family=self.role.name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(cpu),
            memory=str(memory),
            task_role_arn=self.role.arn,
            execution_role_arn=self.execution_role.arn,
            runtime_platform={
                "cpu_architecture": _CPUS[architecture],
                "operating_system_family": "LINUX",
            },
            container_definitions=pulumi.Output.json_dumps(
                [self._container(image, variables, container)], sort_keys=True
            ),
            opts=self._opts,
        )
        return definition, [each for each in policies if each is not None]

    def _container(
        self,
        image: pulumi.Input[str],
        variables: Mapping[str, pulumi.Input[str]],
        settings: Mapping[str, Any],
    ) -> dict[str, Any]:
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self._parent)).region
        return {
            "name": CONTAINER,
            "image": image,
            "essential": True,
            # In the order in which AWS returns them: another one would be a difference.
            "environment": [{"name": key, "value": variables[key]} for key in sorted(variables)],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self._logs.name,
                    "awslogs-region": region,
                    "awslogs-stream-prefix": CONTAINER,
                },
            },
            **settings,
        }

    def _basics(self) -> list[StatementArgs]:
        streams = pulumi.Output.concat(self._logs.arn, ":*")
        return [
            # The token is for the registry of the account, which is no resource of IAM.
            allow(["ecr:GetAuthorizationToken"], "*"),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams),
        ]

    def _create_role(self, what: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{self._name}-{what}-role",
            assume_role_policy=trust_policy("ecs-tasks.amazonaws.com"),
            opts=self._opts,
        )

    def _create_policy(
        self, what: str, role: aws.iam.Role, statements: Sequence[StatementArgs]
    ) -> Optional[aws.iam.RolePolicy]:
        if not statements:
            return None
        return aws.iam.RolePolicy(
            f"{self._name}-{what}-policy",
            role=role.name,
            policy=role_policy(statements),
            opts=self._opts,
        )
