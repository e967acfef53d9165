"""Stores the state of each welcome and confirmation mail. Only the home Region writes markers."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from subscribers import WELCOME, marker_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

DUE_INDEX = "welcomes-due"
"""Index of the markers that are not closed: `pending`, `dueAt`."""

GIVEN_UP = "given-up"
"""`pending` of markers whose mail waits for an operator, who opens them again with
`python -m tools.recover mails`. While a mail is retried, `pending` is the kind of the mail."""

RETRY_SECONDS = 60
"""Delay after the first attempt. It doubles with each attempt."""
MAX_RETRY_SECONDS = 4 * 60 * 60
MAX_RETRY_DAYS = 7

_PAGE = 50


@dataclass(frozen=True)
class Claim:
    """The right to send one mail, until `dueAt` of the marker."""

    subscriber_id: str
    """ID of the subscriber, or of the mailbox that requested a confirmation mail."""
    token: str
    """Token in the link of the mail, the same for every attempt."""
    attempt: str
    """ID of this attempt."""
    attempts: int
    """Number of attempts, including this one."""
    refusals: int
    """Number of earlier attempts that SES refused because of the mail itself."""


class Markers:
    """The markers of one kind of mail in one table.

    Args:
        table: name of the table.
        client: a DynamoDB client.
        retry_after: seconds until an attempt with an unknown result may be retried.
        clock: returns the time in Unix seconds.
        mail: `WELCOME` or `CONFIRMATION`.
    """

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient",
        retry_after: int,
        clock: Callable[[], float],
        mail: str = WELCOME,
    ) -> None:
        self._table = table
        self._client = client
        self._retry_after = retry_after
        self._clock = clock
        self._kind = mail

    def first(self, subscriber_id: str) -> Claim | None:
        """Claim the first attempt of a welcome mail; None if it was claimed before."""
        claim = Claim(subscriber_id, secrets.token_urlsafe(24), str(uuid.uuid4()), 1, 0)
        condition = "attribute_not_exists(pk)"
        opened = self._put(claim, {}, ConditionExpression=condition)
        return claim if opened else None

    def missed(self, subscriber_id: str) -> bool:
        """Open the marker of a mail that nobody has claimed, for the sweeper.

        Returns:
            Whether there was none.
        """
        claim = Claim(subscriber_id, secrets.token_urlsafe(24), str(uuid.uuid4()), 0, 0)
        condition = "attribute_not_exists(pk)"
        return self._put(claim, {"dueAt": self._in(0)}, ConditionExpression=condition)

    def of_request(self, mailbox_id: str, request: dict[str, Any]) -> Claim | None:
        """Claim the first attempt of the confirmation mail of a request.

        Args:
            mailbox_id: ID of the mailbox.
            request: the item of the request. Its marker replaces the one of the request before, and
                expires with it.

        Returns:
            None if it was claimed before.
        """
        claim = Claim(mailbox_id, request["token"]["S"], str(uuid.uuid4()), 1, 0)
        opened = self._put(
            claim,
            {name: request[name] for name in ("requestedAt", "expiresAt")},
            ConditionExpression="attribute_not_exists(pk) OR NOT #token = :token",
            ExpressionAttributeNames={"#token": "token"},
            ExpressionAttributeValues={":token": request["token"]},
        )
        return claim if opened else None

    def due(self) -> Iterator[dict[str, Any]]:
        """Yield the open markers that are due: SES reported nothing in time. Oldest first."""
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "pending = :pending AND dueAt <= :now",
            "ExpressionAttributeValues": {
                ":pending": {"S": self._kind},
                ":now": self._in(0),
            },
            "Limit": _PAGE,
        }
        while True:
            page = self._client.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def again(self, marker: dict[str, Any]) -> Claim | None:
        """Claim another attempt; None if the marker changed since it was read."""
        attempt, attempts = str(uuid.uuid4()), int(marker["attempts"]["N"]) + 1
        changed = self._update(
            _subscriber(marker),
            "SET attempt = :attempt, dueAt = :due ADD attempts :one",
            "pending = :open AND attempt = :seen AND dueAt = :seenDue",
            {
                ":attempt": {"S": attempt},
                ":due": self._in(max(self._retry_after, _delay(attempts))),
                ":one": {"N": "1"},
                ":open": {"S": self._kind},
                ":seen": marker["attempt"],
                ":seenDue": marker["dueAt"],
            },
        )
        if not changed:
            return None
        refusals = int(marker["refusals"]["N"])
        return Claim(_subscriber(marker), marker["token"]["S"], attempt, attempts, refusals)

    def unsent(self, claim: Claim, *, refused: bool) -> None:
        """Record that SES did not accept the attempt, which is retried after a delay.

        Args:
            claim: the attempt.
            refused: whether it counts as a refusal of the mail itself.
        """
        self._update(
            claim.subscriber_id,
            "SET dueAt = :due ADD refusals :refusals",
            "pending = :open AND attempt = :attempt",
            {
                ":due": self._in(_delay(claim.attempts)),
                ":refusals": {"N": str(int(refused))},
                ":open": {"S": self._kind},
                ":attempt": {"S": claim.attempt},
            },
        )

    def is_overdue(self, marker: dict[str, Any]) -> bool:
        """Return whether a marker has been open for the longest time."""
        age = self._clock() - int(marker["openedAt"]["N"])
        return age > MAX_RETRY_DAYS * 24 * 60 * 60

    def give_up(self, subscriber_id: str, message_id: str = "none") -> None:
        """Leave a marker to an operator.

        Args:
            subscriber_id: ID of the subscriber.
            message_id: message ID of a mail that SES accepted and then could not send. Its marker
                may be closed already, and its event `Send` may still come.
        """
        self._update(
            subscriber_id,
            "SET pending = :given_up, dueAt = :now, outcome = :failed, messageId = :message",
            "pending = :open OR messageId = :message",
            {
                ":given_up": {"S": GIVEN_UP},
                ":now": self._in(0),
                ":failed": {"S": "failed"},
                ":open": {"S": self._kind},
                ":message": {"S": message_id},
            },
        )

    def close(
        self, subscriber_id: str, outcome: str, message_id: str = "", requested_at: str = ""
    ) -> bool:
        """Close a marker permanently.

        Args:
            subscriber_id: ID of the subscriber, or of the mailbox.
            outcome: `sent`, `skipped` or `failed`.
            message_id: message ID of SES.
            requested_at: moment of the request in Unix seconds, for the report on a confirmation
                mail: a later request may have replaced its marker.

        Returns:
            Whether the marker was open.
        """
        condition = "attribute_exists(pending) AND NOT messageId = :message"
        values: dict[str, Any] = {
            ":outcome": {"S": outcome},
            ":message": {"S": message_id},
            ":now": self._in(0),
        }
        if requested_at:
            condition += " AND requestedAt = :requested"
            values[":requested"] = {"N": requested_at}
        return self._update(
            subscriber_id,
            "SET outcome = :outcome, messageId = :message, closedAt = :now REMOVE pending, dueAt",
            condition,
            values,
        )

    def _put(self, claim: Claim, more: dict[str, Any], **condition: Any) -> bool:
        item = {
            **marker_key(claim.subscriber_id, self._kind),
            "token": {"S": claim.token},
            "attempt": {"S": claim.attempt},
            "attempts": {"N": str(claim.attempts)},
            "refusals": {"N": "0"},
            "openedAt": self._in(0),
            "pending": {"S": self._kind},
            "dueAt": self._in(self._retry_after),
            **more,
        }
        try:
            self._client.put_item(TableName=self._table, Item=item, **condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _update(
        self, subscriber_id: str, update: str, condition: str, values: dict[str, Any]
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=marker_key(subscriber_id, self._kind),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _in(self, seconds: int) -> Any:
        return {"N": str(int(self._clock()) + seconds)}


def _delay(attempts: int) -> int:
    """Return the seconds to wait after this number of attempts."""
    return int(min(RETRY_SECONDS * 2 ** min(attempts - 1, 16), MAX_RETRY_SECONDS))


def _subscriber(marker: dict[str, Any]) -> str:
    return str(marker["pk"]["S"]).partition("#")[2]
