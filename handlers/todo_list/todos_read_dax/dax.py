"""A DAX cluster in front of the table. When it fails, the table is read instead.

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
"""Seconds without DAX after it failed, so that not every request waits for it."""


class CachedTable:
    """Reads through DAX and, when that fails, from the table.

    Args:
        connect: makes the DAX client; called when it is first needed, and again after a failure.
        table: the client of the table.
        clock: seconds, from anywhere.
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
        """As the client's get_item."""
        answer = self._try("get_item", arguments)
        return self._table.get_item(**arguments) if answer is None else answer

    def query(self, **arguments: Any) -> "QueryOutputTypeDef":
        """As the client's query."""
        answer = self._try("query", arguments)
        return self._table.query(**arguments) if answer is None else answer

    def _try(self, call: str, arguments: dict[str, Any]) -> Any:
        """DAX's answer; None when it has none."""
        if self._clock() < self._not_before:
            return None
        try:
            if self._client is None:
                self._client = self._connect()
            return getattr(self._client, call)(**arguments)
        except Exception as error:  # whatever it is, the table has the answer
            logger.warning("DAX failed, the table answers", extra={"error": type(error).__name__})
            self._drop()
            self._not_before = self._clock() + PAUSE
            return None

    def _drop(self) -> None:
        """Let the client go with its threads and sockets, which may be broken too."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close()


def connect(endpoint: str, region: str) -> Any:
    """Make a client of a cluster, such as `daxs://name.abc.dax-clusters.eu-west-1.amazonaws.com`.

    Raises:
        Exception: any, when the cluster cannot be reached.
    """
    # Here, because its import costs 150 ms and most stacks have no cluster.
    from amazondax import AmazonDaxClient  # type: ignore[import-not-found,unused-ignore]
    from botocore.config import Config

    quick = Config(connect_timeout=1, read_timeout=1, retries={"max_attempts": 1})
    return AmazonDaxClient(endpoint_url=endpoint, region_name=region, config=quick)
