"""Routes requests to the functions of their operations."""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .busy import is_busy
from .cors import cors_headers
from .refusal import Refusal
from .request import Request
from .response import Response, error

logger = logging.getLogger(__name__)

_UNAVAILABLE = 503

Operation = Callable[[Request], Response]


class Api:
    """Callable that handles proxy events.

    Args:
        operations: function of each method and resource path: `{"GET /todos/{todoId}": get_todo}`.
        origins: origins whose pages may read the responses.

    The environment variable SUNSET, an HTTP date, is when the API will be removed (RFC 8594). It is
    a header of the responses.
    """

    def __init__(self, operations: Mapping[str, Operation], origins: frozenset[str]) -> None:
        self._operations = operations
        self._origins = origins
        sunset = os.environ.get("SUNSET")
        self._headers = {"Sunset": sunset} if sunset else {}

    @property
    def operations(self) -> Collection[str]:
        """Method and resource path of each operation."""
        return self._operations.keys()

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the proxy response to a proxy event.

        Raises:
            ClientError, BotoCoreError: a permanent error of AWS; the gateway returns 502.
        """
        request = Request(event)
        response = self._answer(request)
        logger.info("answered", extra={"operation": request.operation, "status": response.status})
        return response.proxy({**cors_headers(request, self._origins), **self._headers})

    def _answer(self, request: Request) -> Response:
        operation = self._operations.get(request.operation)
        if operation is None:
            return error(404, "", "there is no such operation")
        try:
            return operation(request)
        except Refusal as refusal:
            later = {"Retry-After": "1"} if refusal.status == _UNAVAILABLE else {}
            return error(refusal.status, refusal.field, refusal.message, later)
        except (ClientError, BotoCoreError) as failure:
            if not is_busy(failure):
                raise
            logger.warning("temporary error", extra={"error": type(failure).__name__})
            return error(503, "", "send the same request again", {"Retry-After": "1"})
