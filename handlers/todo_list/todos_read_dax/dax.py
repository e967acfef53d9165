"""Reads through a DAX cluster. When it fails, reads from the table instead.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.client.html
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import GetItemOutputTypeDef, QueryOutputTypeDef

logger = logging.getLogger(__name__)

PAUSE = 30.0
"""Seconds for which DAX is not used after it failed, so that requests do not wait for it."""


class CachedTable:
    """Reads through DAX and, when that fails, from the table.

    Args:
        connect: creates the DAX client; called on first use, and again after a failure.
        table: a DynamoDB client.
        clock: returns a monotonic time in seconds.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        table: "DynamoDBClient",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._table = table
        self._clock = clock
        self._client: Any = None
        self._not_before = clock()

    def get_item(self, **arguments: Any) -> "GetItemOutputTypeDef":
        """Call GetItem with the arguments of the DynamoDB client."""
        answer = self._try("get_item", arguments)
        return self._table.get_item(**arguments) if answer is None else answer

    def query(self, **arguments: Any) -> "QueryOutputTypeDef":
        """Call Query with the arguments of the DynamoDB client."""
        answer = self._try("query", arguments)
        return self._table.query(**arguments) if answer is None else answer

    def _try(self, call: str, arguments: dict[str, Any]) -> Any:
        """Return the response of DAX; None if it fails or failed recently."""
        if self._clock() < self._not_before:
            return None
        try:
            if self._client is None:
                self._client = self._connect()
            return getattr(self._client, call)(**arguments)
        except Exception as error:  # after any error, the table is read instead
            logger.warning("DAX failed, the table answers", extra={"error": type(error).__name__})
            self._drop()
            self._not_before = self._clock() + PAUSE
            return None

    def _drop(self) -> None:
        """Close the client with its threads and sockets. Closing may fail too."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close()


def connect(endpoint: str, region: str) -> Any:
    """Create a client of `daxs://name.abc.dax-clusters.eu-west-1.amazonaws.com`.

    Raises:
        Exception: the cluster cannot be reached; the type varies.
    """
    # Imported here because the import takes 150 ms and most stacks have no cluster.
    from amazondax import AmazonDaxClient  # type: ignore[import-not-found,unused-ignore]
    from botocore.config import Config

    quick = Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 1})
    return AmazonDaxClient(endpoint_url=endpoint, region_name=region, config=quick)
