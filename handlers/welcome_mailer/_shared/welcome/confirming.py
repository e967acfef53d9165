"""Sends the mail that asks to confirm a subscription, and updates its marker."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from subscribers import UNSUBSCRIBED, id_of, key, request_key

from .delivery import deliver
from .mail import Mail
from .markers import Claim, Markers
from .suppressions import Suppressions

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)


class Confirming:
    """Sends one confirmation mail for each request, as long as its link is valid.

    Args:
        markers: the markers of confirmation mails.
        mail: sends the mails.
        suppressions: the addresses that get none.
        table: name of the table.
        client: a DynamoDB client.
        clock: returns the time in Unix seconds.
    """

    def __init__(
        self,
        markers: Markers,
        mail: Mail,
        suppressions: Suppressions,
        *,
        table: str,
        client: "DynamoDBClient",
        clock: Callable[[], float],
    ) -> None:
        self.markers = markers
        self._mail = mail
        self._suppressions = suppressions
        self._table = table
        self._client = client
        self._clock = clock

    def first(self, image: dict[str, Any]) -> str:
        """Send the mail of a new request.

        Args:
            image: the item of the request in the stream.

        Returns:
            `sent`; `skipped`, for an active or suppressed subscriber, and for a request that is
            expired or replaced by a later one; `duplicate`; `unsent`, if SES did not accept the
            mail and it will be retried; `failed`, if it will not.

        Raises:
            Exception: as `Welcoming.send`.
        """
        mailbox_id = image["pk"]["S"].partition("#")[2]
        request = self._open_request(mailbox_id, image["token"])
        if request is None:
            return "skipped"
        claim = self.markers.of_request(mailbox_id, request)
        return "duplicate" if claim is None else self._send(claim, request)

    def again(self, marker: dict[str, Any]) -> str:
        """Send the mail of an open marker that is due. Result and errors are as of `first`."""
        mailbox_id = marker["pk"]["S"].partition("#")[2]
        request = self._open_request(mailbox_id, marker["token"])
        if request is None:
            self.markers.close(mailbox_id, "skipped")
            return "skipped"
        claim = self.markers.again(marker)
        return "moved on" if claim is None else self._send(claim, request)

    def _open_request(self, mailbox_id: str, token: Any) -> dict[str, Any] | None:
        """Return the last request of a mailbox, if it is the one of the token and needs a mail."""
        request = self._item(request_key(mailbox_id))
        if request.get("token") != token or self._clock() >= int(request["expiresAt"]["N"]):
            return None
        return request if self._may_subscribe(request["email"]["S"]) else None

    def _may_subscribe(self, address: str) -> bool:
        subscriber_id = id_of(address)
        if self._suppressions.covers(subscriber_id):
            return False
        subscriber = self._item(key(subscriber_id))
        return not subscriber or subscriber["status"]["S"] == UNSUBSCRIBED

    def _send(self, claim: Claim, request: dict[str, Any]) -> str:
        address, language = request["email"]["S"], request["language"]["S"]
        return deliver(
            self.markers,
            claim,
            lambda: self._mail.confirm(claim, request["requestedAt"]["N"], address, language),
            self._give_up,
        )

    def _give_up(self, mailbox_id: str, code: str) -> str:
        """End the retries. The reader can ask for another mail on the page."""
        logger.error("confirmation given up", extra={"mailbox": mailbox_id, "code": code})
        self.markers.close(mailbox_id, "failed")
        return "failed"

    def _item(self, item_key: dict[str, Any]) -> dict[str, Any]:
        found = self._client.get_item(TableName=self._table, Key=item_key, ConsistentRead=True)
        return dict(found.get("Item", {}))
