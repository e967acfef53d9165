"""ServiceRole: a role with one policy that an AWS service assumes."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, role_policy, trust_policy


class ServiceRole:
    """A role and its policy. Adds no level to the URN.

    Args:
        name: prefix of the names of role and policy.
        service: service principal that assumes the role: `firehose.amazonaws.com`.
        statements: permissions of the role.
        parent: the component it belongs to.
    """

    def __init__(
        self,
        name: str,
        service: str,
        statements: Sequence[StatementArgs],
        *,
        parent: pulumi.Resource,
    ) -> None:
        opts = pulumi.ResourceOptions(parent=parent)
        role = aws.iam.Role(f"{name}-role", assume_role_policy=trust_policy(service), opts=opts)
        self.policy = aws.iam.RolePolicy(
            f"{name}-policy", role=role.name, policy=role_policy(statements), opts=opts
        )
        """Resources that use the role depend on this, since they would fail without permissions."""
        self.arn, self.role_name = role.arn, role.name
