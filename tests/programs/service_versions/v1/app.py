"""Version 1: products by their ID."""

from api import Api, Request, Response


def handler(event, context):
    return Api({"GET /v1/products/{productId}": get}, frozenset())(event)


def get(request: Request) -> Response:
    return Response(200, {"productId": request.parameter("productId")})
