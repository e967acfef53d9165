"""IAM roles, policies and instance profiles."""

from typing import Any

from local.creators._policy_document import document
from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    invokes,
    overwrite,
)


def _update_role(context: Context, name: str, inputs: Inputs) -> Outputs:
    client, document = context.client("iam"), text(inputs["assumeRolePolicy"])
    client.update_assume_role_policy(RoleName=name, PolicyDocument=document)
    boundary = _boundary(context, inputs)
    if boundary:
        client.put_role_permissions_boundary(RoleName=name, **boundary)
    elif "PermissionsBoundary" in client.get_role(RoleName=name)["Role"]:
        client.delete_role_permissions_boundary(RoleName=name)
    return {}


def _boundary(context: Context, inputs: Inputs) -> dict[str, str]:
    """Return the boundary as a parameter of a call, if the emulator has its policy.

    The setting of a stack names a policy of its AWS account, which the program does not create.
    """
    arn = inputs.get("permissionsBoundary")
    if not arn:
        return {}
    client = context.client("iam")
    try:
        if arn.startswith("arn:"):
            client.get_policy(PolicyArn=arn)
    except client.exceptions.NoSuchEntityException:
        context.note(f"{context.type}: the boundary {arn}, a policy that is not in this stack")
        return {}
    return {"PermissionsBoundary": arn}


def _delete_role(context: Context, name: str, state: Outputs) -> None:
    client = context.client("iam")
    for policy in state.get("inlinePolicies", []):
        client.delete_role_policy(RoleName=name, PolicyName=policy["name"])
    for arn in state.get("managedPolicyArns", []):
        client.detach_role_policy(RoleName=name, PolicyArn=arn)
    client.delete_role(RoleName=name)


@creates(
    "aws:iam/role:Role",
    update=Update(
        _update_role,
        replaced_by=("name", "path"),
        changes=("assumeRolePolicy", "permissionsBoundary"),
    ),
    delete=_delete_role,
)
def role(context: Context, inputs: Inputs) -> Created:
    """A role with its inline and managed policies."""
    name = context.named(inputs, limit=64)
    made = context.call(
        "iam",
        "create_role",
        inputs,
        {"assumeRolePolicy": "AssumeRolePolicyDocument"},
        ("name", "inlinePolicies", "managedPolicyArns", "permissionsBoundary"),
        RoleName=name,
        **_boundary(context, inputs),
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


@creates(
    "aws:iam/rolePolicy:RolePolicy",
    update=overwrite("role", "name"),
    delete=Call("iam", "delete_role_policy", RoleName="role", PolicyName="name"),
)
def role_policy(context: Context, inputs: Inputs) -> Created:
    """An inline policy of a role."""
    name = context.named(inputs, limit=128)
    policy = _document({"name": name, "policy": inputs["policy"]})
    context.call("iam", "put_role_policy", {}, RoleName=inputs["role"], **policy)
    return f"{inputs['role']}:{name}", {"name": name}


@creates(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    delete=Call("iam", "detach_role_policy", RoleName="role", PolicyArn="policyArn"),
)
def role_policy_attachment(context: Context, inputs: Inputs) -> Created:
    """A managed policy on a role."""
    target, arn = inputs["role"], inputs["policyArn"]
    context.call("iam", "attach_role_policy", {}, RoleName=target, PolicyArn=arn)
    return f"{target}/{arn}", {}


@creates("aws:iam/policy:Policy", delete=Call("iam", "delete_policy", PolicyArn="arn"))
def policy(context: Context, inputs: Inputs) -> Created:
    """A managed policy."""
    name = context.named(inputs, limit=128)
    rename = {"policy": "PolicyDocument"}
    made = context.call("iam", "create_policy", inputs, rename, ("name",), PolicyName=name)[
        "Policy"
    ]
    return made["Arn"], {"name": name, "arn": made["Arn"], "policyId": made["PolicyId"]}


def _update_profile(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client("iam")
    found = client.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for each in found["Roles"]:
        client.remove_role_from_instance_profile(
            InstanceProfileName=name, RoleName=each["RoleName"]
        )
    if inputs.get("role"):
        client.add_role_to_instance_profile(InstanceProfileName=name, RoleName=inputs["role"])
    return {}


def _delete_profile(context: Context, name: str, _state: Outputs) -> None:
    _update_profile(context, name, {})
    context.client("iam").delete_instance_profile(InstanceProfileName=name)


@creates(
    "aws:iam/instanceProfile:InstanceProfile",
    update=Update(_update_profile, replaced_by=("name", "namePrefix", "path"), changes=("role",)),
    delete=_delete_profile,
)
def instance_profile(context: Context, inputs: Inputs) -> Created:
    """An instance profile with its role."""
    name = context.named(inputs, limit=128)
    handled = ("name", "namePrefix", "role")
    made = context.call(
        "iam", "create_instance_profile", inputs, handled=handled, InstanceProfileName=name
    )["InstanceProfile"]
    if inputs.get("role"):
        context.client("iam").add_role_to_instance_profile(
            InstanceProfileName=name, RoleName=inputs["role"]
        )
    return name, {
        "name": name,
        "arn": made["Arn"],
        "uniqueId": made["InstanceProfileId"],
        "createDate": made["CreateDate"].isoformat(),
    }


@invokes("aws:iam/getPolicyDocument:getPolicyDocument")
def get_policy_document(_context: Context, inputs: Inputs) -> Inputs:
    """The JSON text of a policy document."""
    return {**inputs, **document(inputs)}
