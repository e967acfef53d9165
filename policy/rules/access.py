"""Roles have the permissions that they need, and no more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .policies import (
    IDENTITY_POLICIES,
    RESOURCE_POLICIES,
    allowing,
    fixed_keys,
    is_wild,
    names_nothing,
)
from .rule import Resource, Rule

# Types that give an identity a policy of its own, and where its ARN is.
ATTACHMENTS: Mapping[str, str] = {
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/role:Role": "managedPolicyArns",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
}
TOO_WIDE = re.compile(
    r"AdministratorAccess.*|PowerUserAccess|\w*Administrator|.*FullAccess(_v\d+)?|.*_FullAccess"
)
CREDENTIALS = (
    "aws:iam/accessKey:AccessKey",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
)
# Actions without resource-level permissions (Service Authorization Reference), those with which
# Lambda manages the network interfaces of a function, those with which API Gateway writes the logs
# of every API in the account, and the launch of instances, which takes resources that do not exist
# yet and is limited by a condition. All other actions must name their resources.
WITHOUT_RESOURCE = frozenset(
    (
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "cloudwatch:DescribeAlarms",
        "dynamodb:ListStreams",
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:RunInstances",
        "ec2:UnassignPrivateIpAddresses",
        "ecr:GetAuthorizationToken",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    )
)


# Conditions without which an action would be allowed on every resource, and which name one instead.
NAMING_CONDITIONS = frozenset(("ses:fromaddress",))


def _actions(resource: Resource) -> Iterator[str]:
    for statement in allowing(resource, IDENTITY_POLICIES):
        wild = sorted(action for action in statement["Action"] if "*" in action or "?" in action)
        if wild:
            yield f"allows {', '.join(wild)}; name each action"
    for statement in _all_allowing(resource):
        if "NotAction" in statement:
            yield "allows everything except NotAction; name each action"


def _resources(resource: Resource) -> Iterator[str]:
    for statement in allowing(resource, IDENTITY_POLICIES):
        narrow = sorted(set(statement["Action"]) - WITHOUT_RESOURCE)
        named = NAMING_CONDITIONS & set(fixed_keys(statement))
        open_ = [each for each in statement["Resource"] if names_nothing(each)]
        if narrow and open_ and not named:
            what = "every resource" if any(map(is_wild, open_)) else ", ".join(open_)
            yield f"allows {', '.join(narrow)} on {what}; name the ARNs"
    for statement in _all_allowing(resource):
        if "NotResource" in statement:
            yield "allows every resource except NotResource; name the ARNs"


def _all_allowing(resource: Resource) -> list[dict[str, Any]]:
    return [*allowing(resource, IDENTITY_POLICIES), *allowing(resource, RESOURCE_POLICIES)]


def _attached(resource: Resource) -> Iterator[str]:
    for arn in resource.items(ATTACHMENTS[resource.type]) if resource.type in ATTACHMENTS else ():
        name = str(arn).rpartition("/")[2]
        if ":aws:policy/" in str(arn) and TOO_WIDE.fullmatch(name):
            yield f"attaches {name}; grant single actions instead"


def _no_credentials(resource: Resource) -> Iterator[str]:
    if resource.type in CREDENTIALS:
        yield "is a credential without an end; let roles be assumed instead"


RULES = (
    Rule("no-wildcard-action", "Policies name each action.", _actions),
    Rule("no-wildcard-resource", "Policies name each resource.", _resources),
    Rule("no-wide-policy", "No identity has a full-access policy managed by AWS.", _attached),
    Rule("no-access-key", "There are no long-term credentials.", _no_credentials),
)
