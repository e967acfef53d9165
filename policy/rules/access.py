"""Roles have the permissions that they need, and no more."""

from collections.abc import Iterator

from .rule import Resource, Rule

POLICIES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
)
TOO_WIDE = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
# Actions without resource-level permissions (Service Authorization Reference), those with which
# Lambda manages the network interfaces of a function, those with which API Gateway writes the logs
# of every API in the account, and the launch of instances, which takes resources that do not exist
# yet and is limited by a condition. All other actions must name their resources.
WITHOUT_RESOURCE = frozenset(
    (
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
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


def _actions(resource: Resource) -> Iterator[str]:
    if resource.type in POLICIES:
        for statement in _allowing(resource):
            wild = sorted(action for action in statement["Action"] if "*" in action)
            if wild:
                yield f"allows {', '.join(wild)}; name each action"
            if "NotAction" in statement:
                yield "allows everything except NotAction; name each action"


def _resources(resource: Resource) -> Iterator[str]:
    if resource.type in POLICIES:
        for statement in _allowing(resource):
            narrow = sorted(set(statement["Action"]) - WITHOUT_RESOURCE)
            if "*" in statement["Resource"] and narrow:
                yield f"allows {', '.join(narrow)} on every resource; name the ARNs"


def _allowing(resource: Resource) -> list[dict[str, list[str]]]:
    return [each for each in resource.statements() if each.get("Effect") == "Allow"]


def _attached(resource: Resource) -> Iterator[str]:
    name = str(resource["policyArn"]).rpartition("/")[2]
    if resource.type in ATTACHMENTS and (name in TOO_WIDE or name.endswith("FullAccess")):
        yield f"attaches {name}; grant single actions instead"


RULES = (
    Rule("no-wildcard-action", "Policies name each action.", _actions),
    Rule("no-wildcard-resource", "Policies name each resource.", _resources),
    Rule("no-wide-policy", "No role has a full-access policy managed by AWS.", _attached),
)
