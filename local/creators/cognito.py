"""Cognito: user pools, their clients and domains. Identity pools are in `_identities.py`."""

from typing import Any

from local.creators import _identities  # noqa: F401  registers the creators of identity pools
from local.engine.context import ACCOUNT, Context
from local.engine.registry import REFUSED, Call, Created, Inputs, Outputs, Update, creates

MFA = (
    *("mfaConfiguration", "softwareTokenMfaConfiguration", "emailMfaConfiguration"),
    "webAuthnConfiguration",
)
POLICIES = ("passwordPolicy", "signInPolicy")


def _update_pool(context: Context, id_: str, inputs: Inputs) -> Outputs:
    protection = inputs.get("deletionProtection", "INACTIVE")
    context.client("cognito-idp").update_user_pool(UserPoolId=id_, DeletionProtection=protection)
    return {}


@creates(
    "aws:cognito/userPool:UserPool",
    update=Update(
        _update_pool,
        replaced_by=("aliasAttributes", "usernameAttributes", "usernameConfiguration"),
        changes=("deletionProtection",),
    ),
    delete=Call("cognito-idp", "delete_user_pool", UserPoolId="id"),
)
def user_pool(context: Context, inputs: Inputs) -> Created:
    """A directory of users."""
    name = context.named(inputs, limit=128)
    made = context.call(
        "cognito-idp",
        "create_user_pool",
        {**inputs, "policies": {key: inputs.get(key) for key in POLICIES}},
        {"policies.passwordPolicy.temporaryPasswordValidityDays": "TemporaryPasswordValidityDays"},
        ("name", "tags", *POLICIES, *MFA),
        PoolName=name,
        UserPoolTags={**context.default_tags, **inputs.get("tags", {})},
    )["UserPool"]
    pool = made["Id"]
    if inputs.get("mfaConfiguration", "OFF") != "OFF":
        mfa = {key: inputs.get(key) for key in MFA}
        context.call("cognito-idp", "set_user_pool_mfa_config", mfa, UserPoolId=pool)
    return pool, {
        "name": name,
        "arn": made["Arn"],
        "endpoint": f"cognito-idp.{context.region}.amazonaws.com/{pool}",
        "domain": "",
        "customDomain": "",
        "estimatedNumberOfUsers": 0,
        "creationDate": made["CreationDate"].isoformat(),
        "lastModifiedDate": made["LastModifiedDate"].isoformat(),
    }


def _update_client(context: Context, id_: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key not in ("name", "generateSecret")}
    context.call("cognito-idp", "update_user_pool_client", wanted, ClientId=id_)
    return {}


@creates(
    "aws:cognito/userPoolClient:UserPoolClient",
    update=Update(_update_client, replaced_by=("userPoolId", "generateSecret")),
    delete=Call("cognito-idp", "delete_user_pool_client", UserPoolId="userPoolId", ClientId="id"),
)
def user_pool_client(context: Context, inputs: Inputs) -> Created:
    """An app that signs users in."""
    name = context.named(inputs, limit=128)
    made = context.call(
        "cognito-idp", "create_user_pool_client", inputs, handled=("name",), ClientName=name
    )["UserPoolClient"]
    secret = made.get("ClientSecret", "")
    return made["ClientId"], {"name": name, "clientSecret": secret}


@creates(
    "aws:cognito/userPoolDomain:UserPoolDomain",
    update=REFUSED,
    delete=Call("cognito-idp", "delete_user_pool_domain", UserPoolId="userPoolId", Domain="domain"),
)
def user_pool_domain(context: Context, inputs: Inputs) -> Created:
    """The domain of a pool's login pages. All domains lead to the endpoint here."""
    custom: dict[str, Any] = {}
    if inputs.get("certificateArn"):
        custom = {"CustomDomainConfig": {"CertificateArn": inputs["certificateArn"]}}
    handled = ("certificateArn",)
    context.call("cognito-idp", "create_user_pool_domain", inputs, handled=handled, **custom)
    domain = inputs["domain"]
    found = context.call("cognito-idp", "describe_user_pool_domain", {}, Domain=domain)
    cdn = found["DomainDescription"]["CloudFrontDistribution"]
    return domain, {
        "awsAccountId": ACCOUNT,
        "cloudfrontDistribution": cdn,
        "cloudfrontDistributionArn": cdn,
        "cloudfrontDistributionZoneId": "Z2FDTNDATAQYW2",
        "managedLoginVersion": inputs.get("managedLoginVersion", 1),
        "s3Bucket": "",
        "version": "",
    }


@creates(
    "aws:cognito/resourceServer:ResourceServer",
    delete=Call(
        "cognito-idp", "delete_resource_server", UserPoolId="userPoolId", Identifier="identifier"
    ),
)
def resource_server(context: Context, inputs: Inputs) -> Created:
    """A resource server: an API and its scopes."""
    name = context.named(inputs)
    handled = ("name",)
    context.call("cognito-idp", "create_resource_server", inputs, handled=handled, Name=name)
    identifier = inputs["identifier"]
    scopes = [f"{identifier}/{each['scopeName']}" for each in inputs.get("scopes", [])]
    return f"{inputs['userPoolId']}|{identifier}", {"name": name, "scopeIdentifiers": scopes}


@creates(
    "aws:cognito/userGroup:UserGroup",
    delete=Call("cognito-idp", "delete_group", UserPoolId="userPoolId", GroupName="name"),
)
def user_group(context: Context, inputs: Inputs) -> Created:
    """A group of a pool's users."""
    name = context.named(inputs, limit=128)
    context.call("cognito-idp", "create_group", inputs, handled=("name",), GroupName=name)
    return f"{inputs['userPoolId']}/{name}", {"name": name}
