"""Health check of an API."""

from functools import cache
from typing import Any

from api import Api, Request, Response, allowed_origins


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer `{"status": "ok"}`; it asks nothing of anyone, so that everyone may call it.

    Args:
        event: a REST API's proxy event.
            https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        context: Lambda's context object, not used.

    Returns:
        A proxy response as `getHealth` of `apis/todo.yaml` describes it.
    """
    return health()(event)


@cache
def health() -> Api:
    """Return the function of this execution environment."""
    return Api({"GET /health": _ok}, allowed_origins())


def _ok(request: Request) -> Response:
    return Response(200, {"status": "ok"})
