"""Reads a post of the blog, or a page of the posts in one language."""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import environment
from api import (
    Api,
    Refusal,
    Request,
    Response,
    allowed_origins,
    bad_token,
    bind,
    if_changed,
    of_body,
    unbind,
)
from aws_clients import Clients, UsesDynamoDB

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LANGUAGES = ("en", "de")
_CACHE = "public, max-age=60"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LISTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#[a-z0-9-]{1,100}")


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    blog_table: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read posts.

    Args:
        event: a proxy event of the REST API.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `listPosts` or `getPost` in `apis/blog.yaml`.
    """
    return posts_read()(event)


@cache
def posts_read() -> Api:
    """Return the function, created once for each execution environment."""
    return make(environment.read(Settings), Clients(), allowed_origins())


def make(settings: Settings, clients: UsesDynamoDB, origins: frozenset[str]) -> Api:
    """Return the API with these settings and clients."""
    reading = Reading(settings.blog_table, clients.dynamodb)
    return Api({"GET /posts": reading.list, "GET /posts/{slug}": reading.get}, origins)


class Reading:
    """Reads the posts of one table, which `python -m tools.posts` writes."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def get(self, request: Request) -> Response:
        """Read one post."""
        slug, language = request.parameter("slug"), _language(request)
        if len(slug) > 100 or not _SLUG.fullmatch(slug):
            raise Refusal(400, "slug", "must be at most 100 lowercase letters, digits and hyphens")
        answer = self._client.get_item(
            TableName=self._table,
            Key={"pk": {"S": f"post#{language}#{slug}"}, "sk": {"S": "post"}},
        )
        if "Item" not in answer:
            raise Refusal(404, "slug", "is not the slug of a post")
        post = _document(answer["Item"], "body")
        return if_changed(request, post, of_body(post), _CACHE)

    def list(self, request: Request) -> Response:
        """Read a page, newest post first, with one query."""
        language, limit = _language(request), request.limit()
        after = unbind(request.query("next"), "", language)
        partition = {"S": f"posts#{language}"}
        start: Any = {"ExclusiveStartKey": {"pk": partition, **_start(after)}} if after else {}
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :language",
            ExpressionAttributeValues={":language": partition},
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        page: dict[str, Any] = {"items": [_document(item) for item in answer["Items"]]}
        if "LastEvaluatedKey" in answer:
            page["next"] = bind({"sk": answer["LastEvaluatedKey"]["sk"]["S"]}, "", language)
        return if_changed(request, page, of_body(page), _CACHE)


def _language(request: Request) -> str:
    language = request.query("language") or "en"
    if language not in LANGUAGES:
        raise Refusal(400, "language", "must be one of " + ", ".join(LANGUAGES))
    return language


def _start(after: dict[str, str]) -> dict[str, Any]:
    if after.keys() != {"sk"} or not _LISTED.fullmatch(after["sk"]):
        raise bad_token()
    return {"sk": {"S": after["sk"]}}


def _document(item: Any, *more: str) -> dict[str, Any]:
    names = ("slug", "language", "title", "summary", "publishedAt", *more)
    return {name: item[name]["S"] for name in names}
