"""PublicBlog: a public API for posts and subscriptions, and the welcome mail."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from ._blocks.access import AccessArgs, StatementArgs
from ._blocks.arguments import Problems, declare
from ._blocks.function import FunctionsArgs
from ._blocks.replicas import ReplicasArgs
from ._blocks.table import Table
from ._blocks.web_acl import WebAclArgs
from ._blocks.web_origin import WEB_ORIGIN
from .serverless_api import (
    ApiFunctionArgs,
    ServerlessApi,
    ServerlessApiArgs,
    ThrottleArgs,
    read_document,
)
from .welcome_mailer import (
    DUE_INDEX,
    MAIL_LIMITS,
    MailTextArgs,
    WelcomeMailer,
    WelcomeMailerArgs,
    check_texts,
)

_READS = ("listPosts", "getPost")
_SUBSCRIPTIONS = ("subscribe", "askToSubscribe", "confirm", "askToUnsubscribe", "unsubscribe")
_OPERATIONS = {
    **dict.fromkeys(_READS, "posts_read"),
    **dict.fromkeys(_SUBSCRIPTIONS, "subscriptions"),
    "getHealth": "health",
}
_ONE: ThrottleArgs = {"rate_limit": 1, "burst_limit": 5}
_TEN: ThrottleArgs = {"rate_limit": 10, "burst_limit": 20}
# Writes of anybody: those that send a mail or store a photo, and those that need a token.
_THROTTLES = {"subscribe": _ONE, "uploadPhoto": _ONE, "confirm": _TEN, "unsubscribe": _TEN}
_PHOTO_OPERATIONS = dict.fromkeys(("listPhotos", "uploadPhoto", "getPhoto"), "photos")


class PublicBlogArgs(TypedDict):
    openapi: str
    """Text of the API's OpenAPI document, `apis/blog.yaml`."""
    site_url: pulumi.Input[str]
    """Origin of the blog, for the links in mails: `https://blog.example.com`."""
    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Web origins whose pages can call the API: `["https://blog.example.com"]`. A `StaticSite` that
    serves the API below `/api` needs none. Default: `site_url`."""
    title: str
    """Name of the blog, which is also the name of the sender of its mails."""
    from_address: str
    """Address of the sender of mails: `hello@example.com`."""
    identity_arn: NotRequired[pulumi.Input[str]]
    """ARN of a verified SES identity for `from_address`. Default: a new identity of the address,
    whose owner must confirm it by e-mail."""
    texts: NotRequired[Mapping[str, MailTextArgs]]
    """Texts of the welcome mail by language: `{"en": {...}}`. The first one is also used for
    languages without a text. Default: English and German."""
    retry_after_minutes: NotRequired[int]
    """Time for SES to report a mail as sent before it is sent again, 5 to 1440 minutes.
    Default: 15."""
    photos: NotRequired[AccessArgs]
    """Environment variables and permissions for photos, which `PhotoThumbnails.grant_photo_api()`
    returns. Default: none; the API has no photos."""
    replicas: NotRequired[ReplicasArgs]
    """Replicas of the table in other regions. Default: none."""
    cached: NotRequired[bool]
    """Whether API Gateway caches responses; billed by the hour. Default: true."""
    throttle: NotRequired[ThrottleArgs]
    """Request limits of the API: see `ServerlessApiArgs`. Default: those of `ServerlessApi`."""
    operation_throttles: NotRequired[Mapping[str, ThrottleArgs]]
    """Request limits of single operations, by `operationId`: see `ServerlessApiArgs`. Default, for
    each of these that is not given: `subscribe` and `uploadPhoto` 1 request per second with bursts
    of 5, `confirm` and `unsubscribe` 10 with bursts of 20."""
    web_acl: NotRequired[WebAclArgs]
    """An AWS WAF web ACL for the API's own host name, which a `StaticSite` in front of it does not
    protect; billed by the month. Default: none."""
    origin_secrets: NotRequired[Sequence[pulumi.Input[str]]]
    """Secrets of which each request needs one: see `ServerlessApiArgs`. Requires `web_acl` and
    `api_url`. Default: none."""
    api_url: NotRequired[pulumi.Input[str]]
    """URL of the API for the links in mails, such as that of the `StaticSite` in front of it:
    `https://blog.example.com/api`. Default: the API's own URL."""
    account_logging: NotRequired[bool]
    """Whether to set the account's role for logs of API Gateway: see `ServerlessApiArgs`. Default:
    true."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether posts and subscribers are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    PublicBlogArgs,
    defaults={
        "replicas": {},
        "cached": True,
        "operation_throttles": {},
        "origin_secrets": [],
        "account_logging": True,
        "functions": {},
        "retain_data": True,
    },
    limits={"site_url": WEB_ORIGIN, "allowed_origins": WEB_ORIGIN, **MAIL_LIMITS},
)


class PublicBlog(pulumi.ComponentResource):
    """A `ServerlessApi` without users, a global table, and a `WelcomeMailer` on its stream.

    Default settings: those of both components. The function that reads posts cannot access
    subscribers, the function of subscriptions cannot access posts, and neither can list
    subscribers.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    table_name: pulumi.Output[str]
    """Name of the table of posts and subscribers."""
    configuration_set_name: pulumi.Output[str]
    """Name of the SES configuration set."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the function that retries mails."""
    reconciler_function_name: pulumi.Output[str]
    """Name of the function that finds subscribers without a welcome mail, once a day."""

    def __init__(
        self, name: str, args: PublicBlogArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:PublicBlog", name, {}, opts)
        problems = Problems("PublicBlog", name)
        args = problems.read(PublicBlogArgs, args)
        check_texts(problems, args.get("texts"))
        document = read_document(problems, args["openapi"])
        for operation in sorted(set(args["operation_throttles"]) - set(_operations(args))):
            problems.add(f'operation_throttles["{operation}"]', "is not an operation of the API")
        if args["origin_secrets"]:
            for argument in ("web_acl", "api_url"):
                why = "is missing; `origin_secrets` requires it"
                problems.unless(argument in args, argument, why)
        problems.report()
        self._name, self._args = name, args
        opts = pulumi.ResourceOptions(parent=self)
        self._table = self._create_table()
        api = ServerlessApi(f"{name}-api", self._api_args(document.spec), opts)
        mailer = WelcomeMailer(f"{name}-mailer", self._mailer_args(api.url), opts)
        outputs = {
            "url": api.url,
            "table_name": self._table.table_name,
            "configuration_set_name": mailer.configuration_set_name,
            "sweeper_function_name": mailer.sweeper_function_name,
            "reconciler_function_name": mailer.reconciler_function_name,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_table(self) -> Table:
        return Table(
            f"{self._name}-content",
            parent=self,
            keys={"pk": "S", "sk": "S"},
            index=DUE_INDEX,
            stream=True,
            expires=True,  # requests that nobody confirmed
            replicas=self._args["replicas"],
            retain=self._args["retain_data"],
        )

    def _api_args(self, document: Mapping[str, Any]) -> ServerlessApiArgs:
        photos, operations = "photos" in self._args, _operations(self._args)
        throttles = {key: limits for key, limits in _THROTTLES.items() if key in operations}
        args: ServerlessApiArgs = {
            "openapi": self._args["openapi"] if photos else _without_photos(document),
            "operations": operations,
            "api_functions": self._api_functions(),
            "allowed_origins": self._args.get("allowed_origins", [self._args["site_url"]]),
            "stage_name": "api",  # so that a StaticSite can serve the API below /api
            "cache": {"cache_keys": dict.fromkeys(_READS, ())} if self._args["cached"] else None,
            "operation_throttles": {**throttles, **self._args["operation_throttles"]},
            "origin_secrets": self._args["origin_secrets"],
            "account_logging": self._args["account_logging"],
            "functions": self._args["functions"],
            "retain_data": self._args["retain_data"],
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        if "throttle" in self._args:
            args["throttle"] = self._args["throttle"]
        if "web_acl" in self._args:
            args["web_acl"] = self._args["web_acl"]
        return args

    def _api_functions(self) -> dict[str, ApiFunctionArgs]:
        environment = {"BLOG_TABLE": self._table.table_name}
        posts = self._grant("post*", "GetItem", "Query")
        subscribers = self._grant("subscriber#*", "GetItem", "UpdateItem")
        functions: dict[str, ApiFunctionArgs] = {
            "posts_read": {
                "code": "public_blog/posts_read",
                "access": [{"environment": environment, "statements": [posts]}],
            },
            "subscriptions": {
                "code": "public_blog/subscriptions",
                "access": [{"environment": environment, "statements": [subscribers]}],
            },
            "health": {"code": "serverless_api/health"},
        }
        if "photos" in self._args:
            functions["photos"] = {
                "code": "public_blog/photos",
                "access": [self._args["photos"]],
            }
        return functions

    def _grant(self, partitions: str, *actions: str) -> StatementArgs:
        """Permission for items whose partition key matches a pattern."""
        keys = {"dynamodb:LeadingKeys": [partitions]}
        return {**self._table.grant(*actions), "condition": {"ForAllValues:StringLike": keys}}

    def _mailer_args(self, api_url: pulumi.Output[str]) -> WelcomeMailerArgs:
        args: WelcomeMailerArgs = {
            "table_arn": self._table.arn,
            "stream_arn": self._table.stream_arn,
            "api_url": self._args.get("api_url", api_url),
            "site_url": self._args["site_url"],
            "title": self._args["title"],
            "from_address": self._args["from_address"],
            "functions": self._args["functions"],
            "retain_data": self._args["retain_data"],
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        if "identity_arn" in self._args:
            args["identity_arn"] = self._args["identity_arn"]
        if "texts" in self._args:
            args["texts"] = self._args["texts"]
        if "retry_after_minutes" in self._args:
            args["retry_after_minutes"] = self._args["retry_after_minutes"]
        return args


def _operations(args: PublicBlogArgs) -> dict[str, str]:
    """Function of each operation of the API."""
    return {**_OPERATIONS, **(_PHOTO_OPERATIONS if "photos" in args else {})}


def _without_photos(document: Mapping[str, Any]) -> str:
    paths = document["paths"].items()
    others = {path: item for path, item in paths if not path.startswith("/photos")}
    return json.dumps({**document, "paths": others})
