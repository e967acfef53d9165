"""ServiceRole: a role that one AWS service assumes, with one policy."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .access import StatementArgs, role_policy, trust_policy


class ServiceRole:
    """A role and what it may do. A plain class: it adds no level to the URN.

    Args:
        name: prefix of both.
        service: who assumes it: `firehose.amazonaws.com`.
        statements: all that it may do.
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
        """What uses the role depends on this: it would be refused, or fail, without."""
        self.arn, self.role_name = role.arn, role.name
