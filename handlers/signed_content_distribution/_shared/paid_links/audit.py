"""Writes an audit record for every link: user, content and expiry, but not the signature."""

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api import utc_text

from .bodies import Wanted

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef


class Audit:
    """Table with partition key `userId` and sort key `issuedAt`; `expiresAt` is the TTL."""

    def __init__(self, table: str, days: int, client: "DynamoDBClient") -> None:
        self._table = table
        self._seconds = days * 24 * 3600
        self._client = client

    def record(self, user: str, kind: str, wanted: Wanted, key_id: str, now: float) -> None:
        """Write the record of a link, before the link is returned.

        Raises:
            ClientError: it was not written, so the link must not be returned.
        """
        moment = utc_text(datetime.fromtimestamp(now, UTC))
        row: dict[str, AttributeValueTypeDef] = {
            "userId": {"S": user},
            "issuedAt": {"S": f"{moment}#{uuid.uuid4()}"},
            "kind": {"S": kind},
            "path": {"S": wanted.path.text},
            "endsAt": {"N": str(wanted.expires)},
            "keyId": {"S": key_id},
            "expiresAt": {"N": str(wanted.expires + self._seconds)},
        }
        if wanted.starts is not None:
            row["startsAt"] = {"N": str(wanted.starts)}
        if wanted.address is not None:
            row["address"] = {"S": wanted.address}
        self._client.put_item(TableName=self._table, Item=row)
