"""Security group rules as separate resources."""

from local.creators._security_groups import single
from local.engine.context import Context
from local.engine.registry import Created, Deleter, Inputs, Outputs, creates


def _revoked(operation: str) -> Deleter:
    """Returns the deletion of a rule, whose group can be one that the program does not own."""

    def delete(context: Context, _id: str, state: Outputs) -> None:
        group, permission = state["securityGroupId"], single(state)
        context.call("ec2", operation, {}, GroupId=group, IpPermissions=[permission])

    return delete


@creates(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    delete=_revoked("revoke_security_group_ingress"),
)
def ingress_rule(context: Context, inputs: Inputs) -> Created:
    """An ingress rule."""
    return _rule(context, inputs, "authorize_security_group_ingress")


@creates(
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    delete=_revoked("revoke_security_group_egress"),
)
def egress_rule(context: Context, inputs: Inputs) -> Created:
    """An egress rule."""
    return _rule(context, inputs, "authorize_security_group_egress")


def _rule(context: Context, inputs: Inputs, operation: str) -> Created:
    group, permission = inputs["securityGroupId"], single(inputs)
    made = context.call("ec2", operation, {}, GroupId=group, IpPermissions=[permission])
    rules = made.get("SecurityGroupRules") or []
    rule = rules[0]["SecurityGroupRuleId"] if rules else f"sgr-{context.name}"
    arn = context.arn("ec2", f"security-group-rule/{rule}")
    return rule, {"securityGroupRuleId": rule, "arn": arn}
