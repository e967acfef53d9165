"""The role with which API Gateway writes logs: one for each account and region."""

import pulumi
import pulumi_aws as aws

from .access import allow, role_policy, trust_policy

_LOG_ACTIONS = (
    "CreateLogGroup",
    "CreateLogStream",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "FilterLogEvents",
    "GetLogEvents",
    "PutLogEvents",
)


def create_api_account(name: str, *, parent: pulumi.Resource) -> aws.apigateway.Account:
    """Set the account's role for the logs of API Gateway.

    Every stack of the account sets a role with the same permissions. They are retained, since the
    other stacks use them too, and a stack ignores that another one has set its own role: otherwise
    each would set its role again and again.

    Args:
        name: prefix of the resources' names.
        parent: the component they belong to.
    """
    retained = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    role = aws.iam.Role(
        f"{name}-logs-role",
        assume_role_policy=trust_policy("apigateway.amazonaws.com"),
        opts=retained,
    )
    policy = aws.iam.RolePolicy(
        f"{name}-logs-policy",
        role=role.name,
        # For the APIs of all stacks of the account: their log groups are not known here.
        policy=role_policy([allow([f"logs:{action}" for action in _LOG_ACTIONS], "*")]),
        opts=retained,
    )
    return aws.apigateway.Account(
        f"{name}-account",
        cloudwatch_role_arn=role.arn,
        opts=pulumi.ResourceOptions.merge(
            retained,
            pulumi.ResourceOptions(depends_on=[policy], ignore_changes=["cloudwatchRoleArn"]),
        ),
    )
