"""PublicBlog: posts and subscriptions behind a public API, and the welcome mail."""

from collections.abc import Mapping
from typing import NotRequired, Optional, TypedDict

import pulumi
import yaml

from ._blocks.access import AccessArgs, StatementArgs
from ._blocks.arguments import Problems, declare, resolve
from ._blocks.function import FunctionsArgs
from ._blocks.replicas import ReplicasArgs
from ._blocks.table import Table
from ._blocks.web_origin import WEB_ORIGIN
from ._blocks.yaml import read_yaml
from .serverless_api.component import ServerlessApi, ServerlessApiArgs
from .serverless_api.functions import ApiFunctionArgs
from .serverless_api.openapi import Document
from .welcome_mailer import (
    DUE_INDEX,
    MAIL_LIMITS,
    MailTextArgs,
    WelcomeMailer,
    WelcomeMailerArgs,
    check_texts,
)

_READS = ("listPosts", "getPost")
_OPERATIONS = {
    **dict.fromkeys(_READS, "posts_read"),
    **dict.fromkeys(("subscribe", "askToUnsubscribe", "unsubscribe"), "subscriptions"),
    "getHealth": "health",
}
_PHOTOS = dict.fromkeys(("listPhotos", "uploadPhoto", "getPhoto"), "photos")
_LIBRARIES = ("api", "aws_clients", "environment")


class PublicBlogArgs(TypedDict):
    openapi: str
    """The API's OpenAPI document: the text of apis/blog.yaml."""
    site_url: str
    """Address of the blog, without a path: its pages may call the API."""
    title: str
    """Name of the blog, in its mails."""
    from_address: str
    """Address that mails are from: `hello@example.com`."""
    identity_arn: NotRequired[pulumi.Input[str]]
    """See `WelcomeMailerArgs`. Default: a new SES identity of the address."""
    texts: NotRequired[Mapping[str, MailTextArgs]]
    """See `WelcomeMailerArgs`. Default: English and German."""
    retry_after_minutes: NotRequired[int]
    """See `WelcomeMailerArgs`. Default: 15."""
    photos: NotRequired[AccessArgs]
    """What `PhotoThumbnails.grant_photo_api()` hands out. Default: the API has no photos."""
    replicas: NotRequired[ReplicasArgs]
    """Other regions that the table is in. Default: none."""
    cached: NotRequired[bool]
    """Whether the gateway keeps answers; billed by the hour. Default: true."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether posts and subscribers refuse to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


declare(
    PublicBlogArgs,
    defaults={
        "retry_after_minutes": 15,
        "replicas": {},
        "cached": True,
        "functions": {},
        "retain_data": True,
    },
    limits={"site_url": WEB_ORIGIN, **MAIL_LIMITS},
)


class PublicBlog(pulumi.ComponentResource):
    """A `ServerlessApi` without users over a global table, and a `WelcomeMailer` on its stream.

    Default settings: those of both; the function that reads posts reaches no subscriber, the one
    that subscribes no post, and neither can list subscribers.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    table_name: pulumi.Output[str]
    """Name of the table of posts and subscribers."""
    configuration_set_name: pulumi.Output[str]
    """Name of the SES configuration set of the mails."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the function that tries mails again."""

    def __init__(
        self, name: str, args: PublicBlogArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:PublicBlog", name, {}, opts)
        args = resolve("PublicBlog", name, PublicBlogArgs, args, _check)
        self._name, self._args = name, args
        opts = pulumi.ResourceOptions(parent=self)
        self._table = self._create_table()
        api = ServerlessApi(f"{name}-api", self._api(), opts)
        mailer = WelcomeMailer(f"{name}-mailer", self._mailer(api.url), opts)
        outputs = {
            "url": api.url,
            "table_name": self._table.table_name,
            "configuration_set_name": mailer.configuration_set_name,
            "sweeper_function_name": mailer.sweeper_function_name,
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
            copies=self._args["replicas"],
            retain=self._args["retain_data"],
        )

    def _api(self) -> ServerlessApiArgs:
        args: ServerlessApiArgs = {
            "openapi": self._document(),
            "operations": {**_OPERATIONS, **(_PHOTOS if "photos" in self._args else {})},
            "api_functions": self._api_functions(),
            "allowed_origins": [self._args["site_url"]],
            "stage_name": "api",  # where a StaticSite serves it: its own URL ends like the path
            "functions": self._args["functions"],
            "retain_data": self._args["retain_data"],
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        if self._args["cached"]:
            args["cache"] = {"operations": {operation: [] for operation in _READS}}
        return args

    def _document(self) -> str:
        """The document, without what is about photos where there are none."""
        if "photos" in self._args:
            return self._args["openapi"]
        document = read_yaml(self._args["openapi"])
        paths = document["paths"].items()
        without = {path: item for path, item in paths if not path.startswith("/photos")}
        return yaml.safe_dump({**document, "paths": without}, sort_keys=False)

    def _api_functions(self) -> dict[str, ApiFunctionArgs]:
        environment = {"BLOG_TABLE": self._table.table_name}
        reads = self._only("post*", "GetItem", "Query")
        writes = self._only("subscriber#*", "GetItem", "UpdateItem")
        functions: dict[str, ApiFunctionArgs] = {
            "posts_read": {
                "code": "public_blog/posts_read",
                "access": [{"environment": environment, "statements": [reads]}],
            },
            "subscriptions": {
                "code": "public_blog/subscriptions",
                "libraries": [*_LIBRARIES, "subscribers"],
                "access": [{"environment": environment, "statements": [writes]}],
            },
            "health": {"code": "serverless_api/health"},
        }
        if "photos" in self._args:
            functions["photos"] = {
                "code": "public_blog/photos",
                "libraries": [*_LIBRARIES, "photo_names"],
                "access": [self._args["photos"]],
            }
        return functions

    def _only(self, partitions: str, *actions: str) -> StatementArgs:
        """Do `actions` on items of some partitions."""
        keys = {"dynamodb:LeadingKeys": [partitions]}
        return {**self._table.grant(*actions), "condition": {"ForAllValues:StringLike": keys}}

    def _mailer(self, api_url: pulumi.Output[str]) -> WelcomeMailerArgs:
        args: WelcomeMailerArgs = {
            "table_arn": self._table.arn,
            "stream_arn": self._table.stream_arn,
            "api_url": api_url,
            "site_url": self._args["site_url"],
            "title": self._args["title"],
            "from_address": self._args["from_address"],
            "retry_after_minutes": self._args["retry_after_minutes"],
            "functions": self._args["functions"],
            "retain_data": self._args["retain_data"],
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        if "identity_arn" in self._args:
            args["identity_arn"] = self._args["identity_arn"]
        if "texts" in self._args:
            args["texts"] = self._args["texts"]
        return args


def _check(problems: Problems, args: PublicBlogArgs) -> None:
    try:
        Document(args["openapi"])
    except ValueError as error:
        problems.add("openapi", str(error))
    check_texts(problems, args.get("texts"))
