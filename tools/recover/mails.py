"""Welcome mails that were given up."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3

from tools.stack_outputs import System

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

INDEX = "welcomes-due"
GIVEN_UP, OPEN = "given-up", "welcome"
"""Values of `pending`, as `handlers/welcome_mailer/_shared/welcome/markers.py` writes them."""


def recover(system: System, dry_run: bool = False) -> int:
    """Open the markers that were given up again, and print how many.

    The sweeper sends their mails within a minute. What SES still does not accept is retried as a
    new mail is, and given up again.

    Returns:
        0: an open marker is no failure.
    """
    client: DynamoDBClient = boto3.client("dynamodb")
    markers = list(_given_up(client, system["table"]))
    if dry_run:
        print(f"welcome mails waiting: {len(markers)}")
    else:
        opened = sum(_open(client, system["table"], each) for each in markers)
        print(f"welcome mails opened again: {opened}")
    return 0


def _given_up(client: "DynamoDBClient", table: str) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        IndexName=INDEX,
        KeyConditionExpression="pending = :given_up",
        ExpressionAttributeValues={":given_up": {"S": GIVEN_UP}},
    )
    for page in pages:
        yield from page["Items"]


def _open(client: "DynamoDBClient", table: str, marker: dict[str, Any]) -> bool:
    try:
        client.update_item(
            TableName=table,
            Key={name: marker[name] for name in ("pk", "sk")},
            UpdateExpression="SET pending = :open, dueAt = :now, openedAt = :now, "
            "attempts = :none, refusals = :none REMOVE outcome, messageId",
            # SES may have reported it as sent, or another operator opened it.
            ConditionExpression="pending = :given_up",
            ExpressionAttributeValues={
                ":open": {"S": OPEN},
                ":given_up": {"S": GIVEN_UP},
                ":now": {"N": str(int(time.time()))},
                ":none": {"N": "0"},
            },
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True
