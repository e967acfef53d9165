"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.access import AccessArgs, allow, call
from .._blocks.alarms import Alarms
from .._blocks.arguments import Matches, Problems, declare
from .._blocks.function import FunctionsArgs
from .._blocks.origin_secret import check_origin_secret, origin_secret
from .._blocks.sunset import check_sunset, http_date
from .._blocks.web_acl import WebAclArgs, create_web_acl
from .._blocks.web_origin import WEB_ORIGIN
from .cache import CacheArgs, cache_keys, check_cache
from .domain import ApiDomainArgs, create_api_domain, domain_url
from .functions import ApiFunctionArgs, ApiFunctions
from .gateway_body import Rendering, render
from .method_settings import Settings, ThrottleArgs, check_throttles
from .monitoring import create_api_alarms, create_api_dashboard
from .openapi import API_KEY, IAM, USERS, Document, read_document, wildcards
from .release import ReleaseArgs, create_release
from .rest_api import RestApi
from .usage_plan import UsagePlanArgs, create_usage_plan
from .user_folder import UserFolder, UserFolderArgs
from .user_pool import UserPool, UsersArgs, check_user_pool


class ServerlessApiArgs(TypedDict):
    openapi: str
    """Text of the API's OpenAPI 3.0 document, YAML or JSON. Operations of signed-in users require
    the security scheme `users`, operations of clients with a key require `apiKey`, operations of
    callers with an IAM role, who sign their requests, require `iam`, and public ones have
    `security: []`."""
    operations: Mapping[str, str]
    """Function of each operation, `operationId` to a key of `api_functions`:
    `{"listTodos": "todos"}`."""
    api_functions: Mapping[str, ApiFunctionArgs]
    """Functions of the API: `{"todos": {"code": "functions/todos"}}`."""
    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins whose pages can call the API: `["https://example.com"]`. Default: none."""
    users: NotRequired[UsersArgs]
    """The users who can sign in. Required if an operation requires `users`."""
    user_folder: NotRequired[UserFolderArgs]
    """An S3 folder for each user. Requires `users`. Default: none."""
    cache: NotRequired[CacheArgs | None]
    """The cache of the API's stage; billed by the hour. Default: none."""
    throttle: NotRequired[ThrottleArgs]
    """Limits of each method of the API. Default: 100 requests per second, with bursts of 200."""
    operation_throttles: NotRequired[Mapping[str, ThrottleArgs]]
    """Limits of single operations, by `operationId`, which replace `throttle` for them:
    `{"createOrder": {"rate_limit": 5, "burst_limit": 10}}`. Requests beyond them get 429. Default:
    none."""
    usage_plan: NotRequired[UsagePlanArgs]
    """Clients with API keys. Required if an operation requires `apiKey`."""
    domain: NotRequired[ApiDomainArgs]
    """A custom domain name. Default: the name from API Gateway."""
    web_acl: NotRequired[WebAclArgs]
    """An AWS WAF web ACL for the API; billed by the month. Default: none."""
    origin_secrets: NotRequired[Sequence[pulumi.Input[str]]]
    """Secrets of which each request needs one in the header `x-origin-secret`; the web ACL blocks
    all others, also with `count_only`. A `StaticSite` sends it (`api_secrets`), so that nobody gets
    around its distribution. One, or two during a rotation, of 32 to 128 ASCII characters each.
    Requires `web_acl`. Default: none; everybody can call the API at its own host name."""
    release: NotRequired[ReleaseArgs | None]
    """Gradual deployments of new code, by `python -m tools.release`. Default: new code receives all
    requests at once."""
    sunset: NotRequired[str | None]
    """When this version of the API is withdrawn, `2027-06-30` or in the form of HTTP dates. Every
    response then has the header `Sunset` (RFC 8594). Default: never."""
    stage_name: NotRequired[str]
    """Name of the stage, which is the last part of the API's default URL. Default: `live`."""
    account_logging: NotRequired[bool]
    """Whether to set the account's role with which API Gateway writes logs. There is one role for
    each account and region, and it is retained when the stack is destroyed. Use false if an
    `ApiAccount` or another stack sets it. Default: true."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether users and files are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    ServerlessApiArgs,
    defaults={
        "allowed_origins": [],
        "throttle": {"rate_limit": 100, "burst_limit": 200},
        "operation_throttles": {},
        "origin_secrets": [],
        "stage_name": "live",
        "account_logging": True,
        "functions": {},
        "retain_data": True,
    },
    limits={
        "allowed_origins": WEB_ORIGIN,
        "stage_name": Matches(r"[A-Za-z0-9_-]{1,128}", "letters, digits, '-' and '_'"),
    },
)


class ServerlessApi(pulumi.ComponentResource):
    """A REST API of Lambda functions from one OpenAPI document, with Cognito users and S3 folders.

    Default settings: API Gateway validates bodies, paths and queries before it invokes a function.
    Functions refuse missing headers, whose spelling API Gateway might not recognize.
    Every operation requires authorization unless the document says that it is public. Requests are
    throttled, traced by X-Ray, and logged without users' input. The API is deployed only when its
    rendered document has changed. Each function has its own role. Users sign in by managed login
    (code grant with PKCE) or SRP, with tokens that can be revoked and refresh tokens that rotate.
    Alarms and a dashboard are included.

    The functions' environment has `ALLOWED_ORIGINS` and `SUNSET`, which the library `api` reads,
    besides what `access` grants. An existing function must send the header `Sunset` itself.
    """

    url: pulumi.Output[str]
    """Base URL of the API, without a trailing slash."""
    rest_api_id: pulumi.Output[str]
    """ID of the REST API."""
    execution_arn: pulumi.Output[str]
    """ARN prefix of the API's methods, for policies."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool; empty without users."""
    user_pool_arn: pulumi.Output[str]
    """ARN of the user pool; empty without users."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the user pool's public client; empty without users."""
    login_url: pulumi.Output[str]
    """Base URL of managed login; empty without users or with an existing user pool."""
    identity_pool_id: pulumi.Output[str]
    """ID of the identity pool; empty without user folders."""
    files_bucket_name: pulumi.Output[str]
    """Name of the bucket of user folders; empty without user folders."""
    files_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of the bucket of user folders, the origin of presigned URLs. Empty
    without `user_folder`."""
    files_bucket_arn: pulumi.Output[str]
    """ARN of the bucket of user folders; empty without user folders."""
    release_application: pulumi.Output[str]
    """Name of the CodeDeploy application, for `tools.release`; empty without `release`."""

    def __init__(
        self, name: str, args: ServerlessApiArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:ServerlessApi", name, {}, opts)
        problems = Problems("ServerlessApi", name)
        args = problems.read(ServerlessApiArgs, args)
        self._document = _check(problems, args)
        problems.report()
        self._name, self._args = name, args
        sunset = args.get("sunset")
        self._sunset = http_date(sunset) if sunset else ""
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._users = self._create_users()
        self._folder = self._create_folder()
        self._functions = self._create_functions()
        self._api = self._create_api()
        self._functions.grant_invoke(self._api.execution_arn)
        self._create_options()
        alarm_names = create_api_alarms(self._alarms, self._api)
        create_api_dashboard(name, self, self._api, self._functions, self._alarms.arns)
        outputs = {
            **self._outputs(),
            **self._user_outputs(),
            "release_application": self._create_release(alarm_names),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_call(self, name: str, operations: Sequence[str]) -> AccessArgs:
        """Access of a service that calls operations with the scheme `iam`. It signs its requests
        with its role, for the service `execute-api`.

        Args:
            name: name of the API for the environment of the service: `prices` for `PRICES_URL`.
            operations: IDs of the operations.

        Raises:
            ArgumentsError: the document has no such operation, or it does not require `iam`.
        """
        problems = Problems("ServerlessApi", self._name)
        by_id = {each.id: each for each in self._document.operations}
        for operation in operations:
            signed = operation in by_id and IAM in by_id[operation].schemes
            problems.unless(
                signed, "grant_call", f"'{operation}' is no operation with the scheme '{IAM}'"
            )
        problems.report()
        stage = self._args["stage_name"]
        # A wildcard stands for a path parameter: "Control access for invoking an API" in the API
        # Gateway developer guide.
        methods = [
            f"/{stage}/{by_id[each].method.upper()}{wildcards(by_id[each].path)}"
            for each in operations
        ]
        arns = [pulumi.Output.concat(self.execution_arn, each) for each in methods]
        return call(name, self.url, statements=[allow(["execute-api:Invoke"], *arns)])

    def _create_users(self) -> Optional[UserPool]:
        if "users" not in self._args:
            return None
        return UserPool(
            self._name,
            self._args["users"],
            parent=self,
            scopes=self._document.scopes,
            retain=self._args["retain_data"],
        )

    def _create_folder(self) -> Optional[UserFolder]:
        if self._users is None or "user_folder" not in self._args:
            return None
        folder = self._args["user_folder"]
        return UserFolder(
            self._name,
            folder,
            self._users,
            parent=self,
            origins=folder.get("allowed_origins", self._args["allowed_origins"]),
            retain=self._args["retain_data"],
            settings=self._args["functions"],
            alarms=self._alarms,
        )

    def _create_functions(self) -> ApiFunctions:
        origins = pulumi.Output.all(*self._args["allowed_origins"])
        environment: dict[str, pulumi.Input[str]] = {"ALLOWED_ORIGINS": origins.apply(",".join)}
        if self._sunset:
            environment["SUNSET"] = self._sunset
        access: AccessArgs = {"environment": environment}
        return ApiFunctions(
            self._name,
            self._args["api_functions"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=access,
            folders=self._folder.grant_access() if self._folder else {},
            canary="release" in self._args,
        )

    def _create_api(self) -> RestApi:
        cache, origins = self._args.get("cache"), self._args["allowed_origins"]
        domain = self._args.get("domain")
        default_endpoint = domain is None or domain["default_endpoint"]
        keys = cache_keys(self._document, cache, cross_origin=bool(origins))
        body = render(
            self._document,
            Rendering(
                title=self._name,
                invoke_arns={
                    operation: self._functions.invoke_arn(function)
                    for operation, function in self._args["operations"].items()
                },
                user_pool_arn=self._users.arn if self._users else None,
                origins=origins,
                cache_keys=keys,
                sunset=self._sunset,
                timeout=29_000,
                default_endpoint=default_endpoint,
            ),
        )
        return RestApi(
            self._name,
            parent=self,
            body=body,
            default_endpoint=default_endpoint,
            stage_name=self._args["stage_name"],
            log_retention_days=self._args["functions"]["log_retention_days"],
            account_logging=self._args["account_logging"],
            settings=Settings(
                operations=self._document.operations,
                throttle=self._args["throttle"],
                throttles=self._args["operation_throttles"],
                cache=cache,
            ),
        )

    def _create_options(self) -> None:
        stage = self._api.stage
        if "usage_plan" in self._args:
            create_usage_plan(f"{self._name}-plan", self._args["usage_plan"], stage, parent=self)
        if "domain" in self._args:
            create_api_domain(self._name, self._args["domain"], stage, parent=self)
        if "web_acl" in self._args:
            acl = self._args["web_acl"]
            secrets = [
                origin_secret(f"ServerlessApi '{self._name}'", f"origin_secrets[{number}]", secret)
                for number, secret in enumerate(self._args["origin_secrets"])
            ]
            create_web_acl(f"{self._name}-web-acl", acl, stage.arn, secrets, parent=self)

    def _create_release(self, alarm_names: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
        args = self._args.get("release")
        if args is None:
            return pulumi.Output.from_input("")
        return create_release(
            self._name, args, self._functions, alarm_names, self._alarms.arns, parent=self
        ).name

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
            "files_bucket_domain_name": folder.bucket.domain_name if folder else none,
            "files_bucket_arn": folder.bucket.arn if folder else none,
        }


def _check(problems: Problems, args: ServerlessApiArgs) -> Document:
    """Add the problems between arguments; return the document."""
    document = read_document(problems, args["openapi"])
    operations, functions = args["operations"], args["api_functions"]
    document.check(problems, operations)
    for operation, function in operations.items():
        path, known = f'operations["{operation}"]', function in functions
        problems.unless(known, path, f"is '{function}', which is not a key of `api_functions`")
    for key in sorted(set(functions) - set(operations.values())):
        problems.add(f'api_functions["{key}"]', "is the function of no operation")
    check_throttles(problems, args["operation_throttles"], document)
    _check_requirements(problems, args, document)
    if "users" in args:
        check_user_pool(problems, args["users"])
    cache, sunset = args.get("cache"), args.get("sunset")
    if cache:
        check_cache(problems, cache, document)
    check_sunset(problems, sunset)
    return document


def _check_requirements(problems: Problems, args: ServerlessApiArgs, document: Document) -> None:
    schemes = {scheme for each in document.operations for scheme in each.schemes}
    for scheme, argument in ((USERS, "users"), (API_KEY, "usage_plan")):
        given = scheme not in schemes or argument in args
        problems.unless(given, argument, f"is missing; operations require the scheme '{scheme}'")
    secrets = args["origin_secrets"]
    if secrets:
        problems.unless("web_acl" in args, "web_acl", "is missing; `origin_secrets` requires it")
    problems.unless(len(secrets) <= 2, "origin_secrets", "has more than two secrets")
    for number, secret in enumerate(secrets):
        check_origin_secret(problems, f"origin_secrets[{number}]", secret)
    if "user_folder" in args:
        problems.unless("users" in args, "users", "is missing; it is required with `user_folder`")
        return
    for key, function in args["api_functions"].items():
        path = f'api_functions["{key}"].user_folders'
        problems.unless(not function["user_folders"], path, "requires `user_folder`")
