"""Version 2: the member has another name."""

from api import Api, Request, Response


def handler(event, context):
    return Api({"GET /v2/products/{id}": get}, frozenset())(event)


def get(request: Request) -> Response:
    return Response(200, {"id": request.parameter("id")})
