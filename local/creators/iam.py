"""IAM roles and policies."""

from typing import Any

from local.creators._policy_document import document
from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Created, Inputs, creates, invokes


@creates("aws:iam/role:Role")
def role(context: Context, inputs: Inputs) -> Created:
    """A role with its inline and managed policies."""
    name = context.named(inputs, limit=64)
    made = context.call(
        "iam",
        "create_role",
        inputs,
        {"assumeRolePolicy": "AssumeRolePolicyDocument"},
        ("name", "inlinePolicies", "managedPolicyArns"),
        RoleName=name,
    )["Role"]
    for policy in inputs.get("inlinePolicies", []):
        context.call("iam", "put_role_policy", {}, RoleName=name, **_document(policy))
    for arn in inputs.get("managedPolicyArns", []):
        context.call("iam", "attach_role_policy", {}, RoleName=name, PolicyArn=arn)
    return name, {
        "name": name,
        "arn": made["Arn"],
        "uniqueId": made["RoleId"],
        "createDate": made["CreateDate"].isoformat(),
    }


def _document(policy: Inputs) -> dict[str, Any]:
    return {"PolicyName": policy["name"], "PolicyDocument": text(policy["policy"])}


@creates("aws:iam/rolePolicy:RolePolicy")
def role_policy(context: Context, inputs: Inputs) -> Created:
    """An inline policy of a role."""
    name = context.named(inputs, limit=128)
    policy = _document({"name": name, "policy": inputs["policy"]})
    context.call("iam", "put_role_policy", {}, RoleName=inputs["role"], **policy)
    return f"{inputs['role']}:{name}", {"name": name}


@creates("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
def role_policy_attachment(context: Context, inputs: Inputs) -> Created:
    """A managed policy on a role."""
    target, arn = inputs["role"], inputs["policyArn"]
    context.call("iam", "attach_role_policy", {}, RoleName=target, PolicyArn=arn)
    return f"{target}/{arn}", {}


@creates("aws:iam/policy:Policy")
def policy(context: Context, inputs: Inputs) -> Created:
    """A managed policy."""
    name = context.named(inputs, limit=128)
    rename = {"policy": "PolicyDocument"}
    made = context.call("iam", "create_policy", inputs, rename, ("name",), PolicyName=name)[
        "Policy"
    ]
    return made["Arn"], {"name": name, "arn": made["Arn"], "policyId": made["PolicyId"]}


@invokes("aws:iam/getPolicyDocument:getPolicyDocument")
def get_policy_document(_context: Context, inputs: Inputs) -> Inputs:
    """The JSON text of a policy document."""
    return {**inputs, **document(inputs)}
