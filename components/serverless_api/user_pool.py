"""UserPool: who may sign in to an API, with managed login and one public client."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.validate import Problems

_STANDARD_SCOPES = ("openid", "email", "profile", "aws.cognito.signin.user.admin")


class UsersArgs(TypedDict):
    callback_urls: Sequence[str]
    """Where managed login may send a signed-in user: `https://...`, or `http://localhost...`."""
    logout_urls: NotRequired[Sequence[str]]
    """Where it may send a user who signed out. Default: the callback URLs."""
    user_pool_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own user pool, which must have a domain. Default: a new one."""
    access_token_minutes: NotRequired[int]
    """How long an access or ID token holds, 5 to 1440 minutes. Default: 60."""
    refresh_token_days: NotRequired[int]
    """How long a user stays signed in, 1 to 3650 days. Default: 30."""
    mfa: NotRequired[str]
    """Second factor by an authenticator app: `OFF`, `OPTIONAL` or `ON`. Default: `OPTIONAL`."""


class UserPool:
    """A Cognito user pool and its client. Adds no level to the URN.

    Args:
        name: name of the API.
        parent: the component it belongs to.
        args: see `UsersArgs`.
        scopes: scopes that the API's operations ask for; `todos/read` belongs to the resource
            server `todos`.
        retain: refuse to be deleted with its users.
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
        adopted = self._args.get("user_pool_arn")
        if adopted is not None:
            self.arn = pulumi.Output.from_input(adopted)
            self.id = self.arn.apply(lambda arn: arn.rsplit("/", 1)[-1])
            self.login_url = pulumi.Output.from_input("")
            return
        pool = aws.cognito.UserPool(
            f"{self._name}-users",
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            # Lengths spelled out: Cognito adds them by itself, and every later preview would then
            # show a change of the schema, which replaces the pool and its users.
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
            mfa_configuration=self._args.get("mfa", "OPTIONAL"),
            software_token_mfa_configuration={"enabled": True}
            if self._args.get("mfa") != "OFF"
            else None,
            account_recovery_setting={
                "recovery_mechanisms": [{"name": "verified_email", "priority": 1}]
            },
            user_attribute_update_settings={
                "attributes_require_verification_before_updates": ["email"]
            },
            deletion_protection="ACTIVE" if retain else "INACTIVE",
            user_pool_tier="ESSENTIALS",
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(protect=retain)),
        )
        self.arn, self.id = pool.arn, pool.id
        # Unique in the region, as the pool's own ID is.
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
        minutes = int(self._args.get("access_token_minutes", 60))
        urls = list(self._args["callback_urls"])
        client = aws.cognito.UserPoolClient(
            f"{self._name}-client",
            user_pool_id=self.id,
            generate_secret=False,  # a browser or app cannot keep one
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=sorted({"openid", "email", *scopes}),
            callback_urls=urls,
            logout_urls=list(self._args.get("logout_urls", urls)),
            supported_identity_providers=["COGNITO"],
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            refresh_token_rotation={"feature": "ENABLED", "retry_grace_period_seconds": 10},
            access_token_validity=minutes,
            id_token_validity=minutes,
            refresh_token_validity=int(self._args.get("refresh_token_days", 30)),
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
    """A user pool as identity pools name it: `cognito-idp.<region>.amazonaws.com/<pool ID>`."""

    def name(arn: str) -> str:
        region, pool_id = arn.split(":")[3], arn.rsplit("/", 1)[-1]
        return f"cognito-idp.{region}.amazonaws.com/{pool_id}"

    return user_pool_arn.apply(name)


def check_users(problems: Problems, args: Optional[UsersArgs]) -> None:
    """Check the `users` argument of a component."""
    if args is None:
        return
    problems.unknown(args, UsersArgs.__annotations__)
    urls = args.get("callback_urls", ())
    problems.that(bool(urls), "users.callback_urls", "is empty; name a page to return to")
    for url in (*urls, *args.get("logout_urls", ())):
        fine = url.startswith(("https://", "http://localhost"))
        problems.that(fine, "users", f"'{url}' is not https; only http://localhost is allowed")
    problems.between(args, "access_token_minutes", 5, 1440, "minutes")
    problems.between(args, "refresh_token_days", 1, 3650, "days")
    problems.one_of(args, "mfa", ("OFF", "OPTIONAL", "ON"))
