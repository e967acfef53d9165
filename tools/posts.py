"""Write the posts of the blog into its table: `python -m tools.posts [FOLDER] [--stack dev]`.

A post is a file `<language>/<slug>.md` that starts with `title`, `summary` and `date` between two
lines `---`. A post that is no longer in the folder is deleted from the table.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components._blocks.yaml import read_yaml

from .stack_outputs import CommandError, add_stack_options, find_system

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

POSTS = Path(__file__).with_name("sample_posts")
_LANGUAGES = ("en", "de")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class PostError(CommandError):
    """A file is not a valid post."""


@dataclass(frozen=True)
class Post:
    """One post in one language."""

    slug: str
    language: str
    title: str
    summary: str
    published: str
    body: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """Return the two items of the post: the whole post, and its entry in the list of posts."""
        shown = {
            "slug": self.slug,
            "language": self.language,
            "title": self.title,
            "summary": self.summary,
            "publishedAt": self.published,
        }
        listed = {
            **shown,
            "pk": f"posts#{self.language}",
            "sk": f"{self.published}#{self.slug}",
        }
        whole = {**shown, "pk": f"post#{self.language}#{self.slug}", "sk": "post"}
        return [_texts({**whole, "body": self.body}), _texts(listed)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the table has the posts, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.posts", description="Write the posts of the blog into its table."
    )
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=POSTS,
        help="folder of the posts (default: sample posts)",
    )
    add_stack_options(parser)
    options = parser.parse_args(arguments)
    try:
        posts = read_posts(options.folder)
        system = find_system("blog", options.stack, options.outputs)
        os.environ.update(system.environment)
        changed = write_posts(boto3.client("dynamodb"), system["table"], posts)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"posts: {error}", file=sys.stderr)
        return 1
    print(f"posts in the table: {len(posts)}; items written or deleted: {changed}")
    return 0


def read_posts(folder: Path) -> list[Post]:
    """Read a folder of posts.

    Raises:
        PostError: the folder has no posts, or a post is not valid.
    """
    paths = sorted(path for each in _LANGUAGES for path in (folder / each).glob("*.md"))
    if not paths:
        raise PostError(f"{folder} has no posts; add {' or '.join(_LANGUAGES)}/<slug>.md")
    return [_read(path) for path in paths]


def _read(path: Path) -> Post:
    _, mark, rest = path.read_text(encoding="utf-8").partition("---\n")
    head, end, body = rest.partition("---\n")
    if not mark or not end:
        raise PostError(f"{path}: must start with title, summary and date between two lines ---")
    try:
        found = read_yaml(head)
        title, summary, published = (found.get(key) for key in ("title", "summary", "date"))
    except (AttributeError, ValueError) as error:
        raise PostError(f"{path}: title, summary, date: {' '.join(str(error).split())}") from None
    if not _SLUG.fullmatch(path.stem) or len(path.stem) > 100:
        raise PostError(
            f"{path}: use at most 100 lowercase letters, digits and hyphens in its name"
        )
    for key, value in (("title", title), ("summary", summary)):
        if not isinstance(value, str) or not value:
            raise PostError(f"{path}: {key} is missing")
    return Post(path.stem, path.parent.name, title, summary, _day(path, published), body)


def _day(path: Path, text: object) -> str:
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError:
        raise PostError(f"{path}: date must be a day such as 2026-11-21") from None


def write_posts(client: "DynamoDBClient", table: str, posts: Sequence[Post]) -> int:
    """Make the table hold exactly these posts.

    A post is written before and deleted after its entry in the list, so that the list never names
    a missing post.

    Returns:
        The number of items that were written or deleted.
    """
    wanted = {_key(item): item for post in posts for item in post.items}
    listed = [item for each in _LANGUAGES for item in _listed(client, table, each)]
    there = {_key(item): item for item in listed}
    old = {("post#{language}#{slug}".format(**_plain(item)), "post") for item in listed}
    changed = 0
    for key in sorted(wanted, key=lambda key: key[0].startswith("posts#")):
        if there.get(key) != wanted[key]:
            client.put_item(TableName=table, Item=wanted[key])
            changed += 1
    gone = [*(there.keys() - wanted.keys()), *(old - wanted.keys())]
    for partition, sort in gone:
        client.delete_item(TableName=table, Key={"pk": {"S": partition}, "sk": {"S": sort}})
    return changed + len(gone)


def _listed(client: "DynamoDBClient", table: str, language: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :language",
        ExpressionAttributeValues={":language": {"S": f"posts#{language}"}},
        ConsistentRead=True,
    )
    return [dict(item) for page in pages for item in page["Items"]]


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _plain(item: dict[str, Any]) -> dict[str, str]:
    return {name: value["S"] for name, value in item.items()}


def _texts(item: dict[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in item.items()}


if __name__ == "__main__":
    sys.exit(main())
