"""The health check of an API."""

from functools import cache
from typing import Any

from api import Api, Request, Response, allowed_origins


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return `{"status": "ok"}`. It calls no other service, so that it can be public.

    Args:
        event: a proxy event of the REST API.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: the Lambda context object, not used.

    Returns:
        The proxy response of `getHealth` in `apis/todo.yaml`.
    """
    return health()(event)


@cache
def health() -> Api:
    """Return the function, created once for each execution environment."""
    return Api({"GET /health": _ok}, allowed_origins())


def _ok(request: Request) -> Response:
    return Response(200, {"status": "ok"})
