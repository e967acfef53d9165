"""Cognito identity pools: users of a pool become sessions of a role."""

from local.engine.context import Context
from local.engine.registry import REFUSED, Call, Created, Inputs, creates, overwrite, with_owner


@creates(
    "aws:cognito/identityPool:IdentityPool",
    update=REFUSED,
    delete=Call("cognito-identity", "delete_identity_pool", IdentityPoolId="id"),
)
def identity_pool(context: Context, inputs: Inputs) -> Created:
    """An identity pool, which gives signed-in users temporary credentials."""
    made = context.call(
        "cognito-identity",
        "create_identity_pool",
        {"allowUnauthenticatedIdentities": False, **inputs},
        handled=("tags",),
        IdentityPoolTags={**context.default_tags, **inputs.get("tags", {})},
    )
    pool = made["IdentityPoolId"]
    return pool, {"arn": context.arn("cognito-identity", f"identitypool/{pool}")}


@creates(
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
    update=overwrite("identityPoolId"),
    delete=with_owner,
)
def role_attachment(context: Context, inputs: Inputs) -> Created:
    """The roles of the users of an identity pool."""
    mappings = {
        each["identityProvider"]: {
            "type": each["type"],
            "ambiguousRoleResolution": each.get("ambiguousRoleResolution"),
            "rulesConfiguration": _rules(each),
        }
        for each in inputs.get("roleMappings", [])
    }
    wanted = {**inputs, "roleMappings": mappings or None}
    context.call("cognito-identity", "set_identity_pool_roles", wanted)
    return inputs["identityPoolId"], {}


def _rules(mapping: Inputs) -> Inputs | None:
    rules = mapping.get("mappingRules")
    return {"rules": rules} if rules else None


@creates(
    "aws:cognito/identityPoolProviderPrincipalTag:IdentityPoolProviderPrincipalTag",
    delete=with_owner,
)
def principal_tag(context: Context, inputs: Inputs) -> Created:
    """The mapping of token claims to session tags."""
    context.call("cognito-identity", "set_principal_tag_attribute_map", inputs)
    return f"{inputs['identityPoolId']}:{inputs['identityProviderName']}", {}
