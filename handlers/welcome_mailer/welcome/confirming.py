"""Sends the mail that asks to confirm a subscription."""

import logging
from typing import TYPE_CHECKING, Any

from subscribers import UNSUBSCRIBED, id_of, key, request_key

from .._shared.welcome import Mail, Suppressions

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)


class Confirming:
    """Sends at most one confirmation mail for each request.

    There are no retries: whoever gets no mail can ask for another one on the page.
    """

    def __init__(
        self, table: str, client: "DynamoDBClient", mail: Mail, suppressions: Suppressions
    ) -> None:
        self._table = table
        self._client = client
        self._mail = mail
        self._suppressions = suppressions

    def send(self, image: dict[str, Any]) -> str:
        """Send the mail of a request.

        Args:
            image: the item of the request in the stream.

        Returns:
            `confirmation`; `skipped`, for an active or suppressed subscriber; `duplicate`; or
            `unconfirmed`, if SES did not accept the mail.
        """
        address, mailbox_id = image["email"]["S"], image["pk"]["S"].partition("#")[2]
        if not self._may_subscribe(address):
            return "skipped"
        if not self._claim(mailbox_id, image["token"]):
            return "duplicate"
        try:
            self._mail.confirm(mailbox_id, image["token"]["S"], address, image["language"]["S"])
        except Exception as error:  # the others of the batch continue
            extra = {"mailbox": mailbox_id, "error": type(error).__name__, "code": str(error)}
            logger.exception("no confirmation mail", extra=extra)
            return "unconfirmed"
        return "confirmation"

    def _may_subscribe(self, address: str) -> bool:
        subscriber_id = id_of(address)
        if self._suppressions.covers(subscriber_id):
            return False
        found = self._client.get_item(
            TableName=self._table, Key=key(subscriber_id), ConsistentRead=True
        )
        return "Item" not in found or found["Item"]["status"]["S"] == UNSUBSCRIBED

    def _claim(self, mailbox_id: str, token: Any) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=request_key(mailbox_id),
                UpdateExpression="SET mailed = :yes",
                ConditionExpression="#token = :token AND attribute_not_exists(mailed)",
                ExpressionAttributeNames={"#token": "token"},
                ExpressionAttributeValues={":yes": {"BOOL": True}, ":token": token},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
