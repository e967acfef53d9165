"""The user pool of an API, with managed login and a public client."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Between, Matches, OneOf, Problems, declare

_ADMIN_SCOPE = "aws.cognito.signin.user.admin"
"""Scope of every token of an SRP sign-in. It lets its holder change the user's own attributes, so
pages that sign in by managed login do not get it."""
_STANDARD_SCOPES = ("openid", "email", "profile", _ADMIN_SCOPE)


class UsersArgs(TypedDict):
    """The users who can sign in."""

    callback_urls: Sequence[pulumi.Input[str]]
    """URLs to which managed login can send a user after sign-in: `["https://example.com/"]`. HTTP
    is accepted only for `localhost`."""
    logout_urls: NotRequired[Sequence[pulumi.Input[str]]]
    """URLs to which managed login can send a user after sign-out. Default: `callback_urls`."""
    user_pool_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing user pool with a domain. Default: a new user pool."""
    access_token_minutes: NotRequired[int]
    """Validity of access and ID tokens, 5 to 1440 minutes. Default: 60."""
    refresh_token_days: NotRequired[int]
    """Validity of refresh tokens, and so of a sign-in, 1 to 3650 days. Default: 30."""
    mfa: NotRequired[str]
    """Multi-factor authentication with an authenticator app: `OFF`, `OPTIONAL` or `ON`.
    Default: `OPTIONAL`."""


def _check(problems: Problems, path: str, args: UsersArgs) -> None:
    some = bool(args["callback_urls"])
    problems.unless(some, f"{path}.callback_urls", "is empty; name at least one URL")


_URL = Matches(
    r"https://\S+|http://localhost([:/]\S*)?",
    "a URL such as 'https://example.com/' or 'http://localhost:5173/'",
)
# The domain is the name, a hyphen and nine characters of the pool's ID, up to 63 characters in all.
# Cognito refuses reserved words ("Domain cannot contain reserved word: cognito").
_LOGIN_NAME = Matches(
    "(?!.*(aws|amazon|cognito))[a-z0-9][a-z0-9-]{0,52}",
    "lowercase letters, digits and hyphens, up to 53, without 'aws', 'amazon' and 'cognito', since "
    "the domain of managed login starts with it",
)
declare(
    UsersArgs,
    defaults={"access_token_minutes": 60, "refresh_token_days": 30, "mfa": "OPTIONAL"},
    limits={
        "callback_urls": _URL,
        "logout_urls": _URL,
        "access_token_minutes": Between(5, 1440, "minutes"),
        "refresh_token_days": Between(1, 3650, "days"),
        "mfa": OneOf(("OFF", "OPTIONAL", "ON")),
    },
    check=_check,
)


def check_user_pool(problems: Problems, args: UsersArgs) -> None:
    """Refuse a name of the component that the domain of managed login cannot start with."""
    problem = _LOGIN_NAME.problem(problems.name)
    if problem is not None and "user_pool_arn" not in args:
        problems.add("name", problem)


class UserPool:
    """A Cognito user pool and its public client. Adds no level to the URN.

    Args:
        name: name of the API.
        parent: the component it belongs to.
        args: see `UsersArgs`.
        scopes: the scopes that the API's operations require; `todos/read` belongs to the resource
            server `todos`.
        retain: whether the user pool is protected from deletion.
    """

    def __init__(
        self,
        name: str,
        args: UsersArgs,
        *,
        parent: pulumi.Resource,
        scopes: Sequence[str],
        retain: bool,
    ) -> None:
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._create_pool(retain)
        servers = self._create_resource_servers(scopes)
        self.client_id = self._create_client(scopes, servers).id

    def _create_pool(self, retain: bool) -> None:
        if "user_pool_arn" in self._args:
            self.arn = pulumi.Output.from_input(self._args["user_pool_arn"])
            self.id = self.arn.apply(lambda arn: arn.rsplit("/", 1)[-1])
            self.login_url = pulumi.Output.from_input("")
            return
        pool = aws.cognito.UserPool(
            f"{self._name}-users",
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            # Cognito sets these lengths if they are missing. Every later preview would then show a
            # change of the schema, which replaces the pool and deletes its users.
            schemas=[
                {
                    "name": "email",
                    "attribute_data_type": "String",
                    "required": True,
                    "mutable": True,
                    "string_attribute_constraints": {"min_length": "3", "max_length": "256"},
                }
            ],
            password_policy={
                "minimum_length": 12,
                "require_lowercase": True,
                "require_numbers": True,
                "require_symbols": False,
                "require_uppercase": True,
                "temporary_password_validity_days": 7,
            },
            mfa_configuration=self._args["mfa"],
            software_token_mfa_configuration=(
                {"enabled": True} if self._args["mfa"] != "OFF" else None
            ),
            account_recovery_setting={
                "recovery_mechanisms": [{"name": "verified_email", "priority": 1}]
            },
            user_attribute_update_settings={
                "attributes_require_verification_before_updates": ["email"]
            },
            deletion_protection="ACTIVE" if retain else "INACTIVE",
            user_pool_tier="ESSENTIALS",
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(protect=retain or None)
            ),
        )
        self.arn, self.id = pool.arn, pool.id
        # Domain prefixes must be unique in the region; the pool's ID is.
        prefix = pool.id.apply(lambda pool_id: pool_id.split("_")[-1].lower())
        domain = aws.cognito.UserPoolDomain(
            f"{self._name}-login",
            domain=pulumi.Output.concat(self._name, "-", prefix),
            user_pool_id=pool.id,
            managed_login_version=2,
            opts=self._opts,
        )
        region = pool.arn.apply(lambda arn: arn.split(":")[3])
        self.login_url = pulumi.Output.concat(
            "https://", domain.domain, ".auth.", region, ".amazoncognito.com"
        )

    def _create_resource_servers(self, scopes: Sequence[str]) -> list[aws.cognito.ResourceServer]:
        own = [scope.split("/", 1) for scope in scopes if scope not in _STANDARD_SCOPES]
        return [
            aws.cognito.ResourceServer(
                f"{self._name}-scopes-{identifier}",
                identifier=identifier,
                name=identifier,
                user_pool_id=self.id,
                scopes=[
                    {"scope_name": scope, "scope_description": f"{scope} {identifier}"}
                    for server, scope in own
                    if server == identifier
                ],
                opts=self._opts,
            )
            for identifier in sorted({server for server, _ in own})
        ]

    def _create_client(
        self, scopes: Sequence[str], servers: Sequence[pulumi.Resource]
    ) -> aws.cognito.UserPoolClient:
        minutes, callback_urls = self._args["access_token_minutes"], self._args["callback_urls"]
        client = aws.cognito.UserPoolClient(
            f"{self._name}-client",
            user_pool_id=self.id,
            generate_secret=False,  # a browser or an app cannot keep a secret
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=sorted({"openid", "email", *scopes} - {_ADMIN_SCOPE}),
            callback_urls=callback_urls,
            logout_urls=self._args.get("logout_urls", callback_urls),
            supported_identity_providers=["COGNITO"],
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            refresh_token_rotation={"feature": "ENABLED", "retry_grace_period_seconds": 10},
            access_token_validity=minutes,
            id_token_validity=minutes,
            refresh_token_validity=self._args["refresh_token_days"],
            token_validity_units={
                "access_token": "minutes",
                "id_token": "minutes",
                "refresh_token": "days",
            },
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=list(servers))
            ),
        )
        if "user_pool_arn" not in self._args:
            aws.cognito.ManagedLoginBranding(
                f"{self._name}-branding",
                user_pool_id=self.id,
                client_id=client.id,
                use_cognito_provided_values=True,
                opts=self._opts,
            )
        return client


def provider_name(user_pool_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return a user pool's name in identity pools: `cognito-idp.<region>.amazonaws.com/<ID>`."""

    def name(arn: str) -> str:
        region, pool_id = arn.split(":")[3], arn.rsplit("/", 1)[-1]
        return f"cognito-idp.{region}.amazonaws.com/{pool_id}"

    return user_pool_arn.apply(name)
