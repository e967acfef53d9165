"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.function import FunctionsArgs, check_functions
from .._blocks.validate import Problems
from .._blocks.web_acl import WebAclArgs, check_web_acl, create_web_acl
from .cache import CacheArgs, cache_keys, check_cache
from .domain import ApiDomainArgs, check_domain, create_api_domain, domain_url
from .functions import ApiFunctionArgs, ApiFunctions, check_api_functions
from .gateway_body import Rendering, render
from .monitoring import create_api_alarms, create_api_dashboard
from .openapi import API_KEY, USERS, Document
from .release import ReleaseArgs, check_release, create_release
from .rest_api import RestApi, ThrottleArgs, check_throttle
from .sunset import check_sunset, http_date
from .usage_plan import UsagePlanArgs, check_usage_plan, create_usage_plan
from .user_folder import UserFolder, UserFolderArgs
from .user_pool import UserPool, UsersArgs, check_users


class ServerlessApiArgs(TypedDict):
    openapi: str
    """The API as an OpenAPI 3.0 document, YAML or JSON. Operations of signed-in users ask for the
    security scheme `users`, those of clients with a key for `apiKey`; public ones say
    `security: []`."""
    operations: Mapping[str, str]
    """Which function answers an operation: `operationId` to a key of `api_functions`."""
    api_functions: Mapping[str, ApiFunctionArgs]
    """The functions."""
    allowed_origins: NotRequired[Sequence[str]]
    """Web origins whose pages may call the API: `https://example.com`. Default: none."""
    users: NotRequired[UsersArgs]
    """Who may sign in; needed where an operation asks for `users`."""
    user_folder: NotRequired[UserFolderArgs]
    """Gives each user an S3 folder of their own. Default: none."""
    cache: NotRequired[CacheArgs]
    """Which answers the gateway keeps; billed by the hour. Default: none."""
    throttle: NotRequired[ThrottleArgs]
    """Limits of the whole API. Default: 100 requests per second, 200 at once."""
    usage_plan: NotRequired[UsagePlanArgs]
    """Clients with API keys; needed where an operation asks for `apiKey`."""
    domain: NotRequired[ApiDomainArgs]
    """A name of one's own. Default: API Gateway's."""
    web_acl: NotRequired[WebAclArgs]
    """AWS WAF in front of the API; billed by the month. Default: none."""
    release: NotRequired[ReleaseArgs]
    """Shifts requests to new code step by step, by `python -m tools.release`. Default: all at
    once."""
    sunset: NotRequired[str]
    """When this version of the API goes away, `2027-06-30` or as HTTP writes it: every answer says
    so in the header `Sunset` (RFC 8594). Default: no such day."""
    stage_name: NotRequired[str]
    """Last part of the API's own URL. Default: `live`."""
    account_logging: NotRequired[bool]
    """Whether to give API Gateway the account's role for writing logs, which is one per account and
    region and outlives the stack; false where something else did. Default: true."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether users and files refuse to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class ServerlessApi(pulumi.ComponentResource):
    """REST API -> Lambda functions, from one OpenAPI document; Cognito users and their own folders.

    Default settings: bodies and parameters are validated by the gateway before a function runs;
    every operation is guarded unless it says that it is public; throttled; X-Ray; access log
    without what users type; a new deployment exactly when the rendered document changed; one role
    per function; alarms and a dashboard. Users sign in by managed login (code and PKCE) or SRP,
    with tokens that can be revoked and refresh tokens that rotate.

    The functions' environment has `ALLOWED_ORIGINS` and `SUNSET`, besides what `access` gives; the
    library `api` reads both. A function given by its ARN sends a `Sunset` header by itself.
    """

    url: pulumi.Output[str]
    """Base URL of the API, without a slash at its end."""
    rest_api_id: pulumi.Output[str]
    """ID of the REST API."""
    execution_arn: pulumi.Output[str]
    """ARN prefix of its methods, for policies."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool; empty without users."""
    user_pool_arn: pulumi.Output[str]
    """ARN of the user pool; empty without users."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the pool's public client; empty without users."""
    login_url: pulumi.Output[str]
    """Base URL of managed login; empty without users or with an adopted pool."""
    identity_pool_id: pulumi.Output[str]
    """ID of the identity pool; empty without user folders."""
    files_bucket_name: pulumi.Output[str]
    """Bucket of the users' folders; empty without them."""
    files_bucket_arn: pulumi.Output[str]
    """ARN of that bucket; empty without them."""
    release_application: pulumi.Output[str]
    """CodeDeploy application, for `tools.release`; empty without `release`."""

    def __init__(
        self, name: str, args: ServerlessApiArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:ServerlessApi", name, {}, opts)
        self._name, self._args = name, args
        self._document = _check(name, args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._sunset = http_date(args["sunset"]) if args.get("sunset") else ""
        self._retain = args.get("retain_data", True)
        self._origins = list(args.get("allowed_origins", ()))
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._users = self._create_users()
        self._folder = self._create_folder()
        self._functions = self._create_functions()
        self._api = self._create_api()
        self._functions.grant_invoke(self._api.execution_arn)
        self._create_options()
        create_api_alarms(self._alarms, self._api)
        create_api_dashboard(name, self, self._api, self._functions, self._alarms.arns)
        outputs = {
            **self._outputs(),
            **self._user_outputs(),
            "release_application": self._create_release(),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_users(self) -> Optional[UserPool]:
        if "users" not in self._args:
            return None
        return UserPool(
            self._name,
            self._args["users"],
            parent=self,
            scopes=self._document.scopes,
            retain=self._retain,
        )

    def _create_folder(self) -> Optional[UserFolder]:
        if self._users is None or "user_folder" not in self._args:
            return None
        return UserFolder(
            self._name,
            self._args["user_folder"],
            self._users,
            parent=self,
            origins=self._origins,
            retain=self._retain,
        )

    def _create_functions(self) -> ApiFunctions:
        environment = {"ALLOWED_ORIGINS": ",".join(self._origins)}
        if self._sunset:
            environment["SUNSET"] = self._sunset
        access: AccessArgs = {"environment": environment}
        return ApiFunctions(
            self._name,
            self._args["api_functions"],
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            access=access,
            folders=self._folder.grant_access() if self._folder else {},
            canary="release" in self._args,
        )

    def _create_api(self) -> RestApi:
        cache = self._args.get("cache")
        keys = cache_keys(self._document, cache, self._origins)
        body = render(
            self._document,
            Rendering(
                title=self._name,
                invoke_arns={
                    operation: self._functions.invoke_arn(function)
                    for operation, function in self._args["operations"].items()
                },
                user_pool_arn=self._users.arn if self._users else None,
                origins=self._origins,
                cache_keys=keys,
                sunset=self._sunset,
                timeout=29_000,
            ),
        )
        return RestApi(
            self._name,
            parent=self,
            body=body,
            stage_name=self._args.get("stage_name", "live"),
            log_retention_days=int(self._args.get("functions", {}).get("log_retention_days", 30)),
            account_logging=self._args.get("account_logging", True),
            cache_size=cache.get("size_gb", "0.5") if cache else None,
            cached=[each for each in self._document.operations if each.id in keys],
            cache_seconds=int(cache.get("ttl_seconds", 60)) if cache else 0,
            throttle=self._args.get("throttle", ThrottleArgs(rate_limit=100, burst_limit=200)),
        )

    def _create_options(self) -> None:
        stage = self._api.stage
        if "usage_plan" in self._args:
            create_usage_plan(f"{self._name}-plan", self._args["usage_plan"], stage, parent=self)
        if "domain" in self._args:
            create_api_domain(self._name, self._args["domain"], stage, parent=self)
        if "web_acl" in self._args:
            acl = self._args["web_acl"]
            create_web_acl(f"{self._name}-web-acl", acl, stage.arn, parent=self)

    def _create_release(self) -> pulumi.Output[str]:
        if "release" not in self._args:
            return pulumi.Output.from_input("")
        args = self._args["release"]
        return create_release(self._name, args, self._functions, self._alarms, parent=self).name

    def _outputs(self) -> dict[str, pulumi.Output[str]]:
        domain = self._args.get("domain")
        return {
            "url": pulumi.Output.from_input(domain_url(domain)) if domain else self._api.url,
            "rest_api_id": self._api.api.id,
            "execution_arn": self._api.execution_arn,
        }

    def _user_outputs(self) -> dict[str, pulumi.Output[str]]:
        users, folder, none = self._users, self._folder, pulumi.Output.from_input("")
        return {
            "user_pool_id": users.id if users else none,
            "user_pool_arn": users.arn if users else none,
            "user_pool_client_id": users.client_id if users else none,
            "login_url": users.login_url if users else none,
            "identity_pool_id": folder.identity_pool_id if folder else none,
            "files_bucket_name": folder.bucket.bucket_name if folder else none,
            "files_bucket_arn": folder.bucket.arn if folder else none,
        }


def _check(name: str, args: ServerlessApiArgs) -> Document:
    """Refuse bad arguments; the document otherwise."""
    problems = Problems("ServerlessApi", name)
    problems.unknown(args, ServerlessApiArgs.__annotations__)
    try:
        document = Document(args["openapi"])
    except (KeyError, ValueError) as error:
        missing = "is missing; give the text of the document"
        problems.that(False, "openapi", missing if isinstance(error, KeyError) else str(error))
        problems.report()
        raise
    operations = args.get("operations", {})
    document.check(problems, operations)
    functions = args.get("api_functions", {})
    for operation, function in operations.items():
        there = function in functions
        problems.that(there, "operations", f"'{operation}': there is no function '{function}'")
    for function in sorted(set(functions) - set(operations.values())):
        problems.that(False, "api_functions", f"'{function}' answers no operation")
    check_api_functions(problems, functions)
    _check_guards(problems, args, document)
    check_cache(problems, args.get("cache"), document)
    check_functions(problems, args.get("functions", {}))
    check_users(problems, args.get("users"))
    check_throttle(problems, args.get("throttle"))
    check_usage_plan(problems, args.get("usage_plan"))
    check_web_acl(problems, args.get("web_acl"))
    check_release(problems, args.get("release"))
    check_domain(problems, args.get("domain"))
    check_sunset(problems, args.get("sunset", ""))
    problems.report()
    return document


def _check_guards(problems: Problems, args: ServerlessApiArgs, document: Document) -> None:
    schemes = {scheme for each in document.operations for scheme in each.schemes}
    for scheme, argument in ((USERS, "users"), (API_KEY, "usage_plan")):
        have = scheme not in schemes or argument in args
        problems.that(have, argument, f"needed: operations ask for the scheme '{scheme}'")
    for key, function in args.get("api_functions", {}).items():
        have = "user_folder" in args or not function.get("user_folders")
        problems.that(have, f"api_functions.{key}", "'user_folders' needs user_folder")
    folder = "user_folder" not in args or "users" in args
    problems.that(folder, "users", "needed beside user_folder")
    for origin in args.get("allowed_origins", ()):
        fine = origin.startswith(("https://", "http://localhost", "http://127.0.0.1"))
        problem = f"'{origin}' is no origin; give https://host, not '*' and no path"
        problems.that(fine and origin.count("/") == 2, "allowed_origins", problem)
