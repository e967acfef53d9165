"""Handles requests of a REST API: parses proxy events and returns proxy responses.

    api = Api({"GET /todos/{todoId}": get_todo}, allowed_origins())
    response = api(event)  # get_todo(request: Request) -> Response

A function refuses a request by raising `Refusal`. Temporary errors of AWS become 503.
"""

from .api import Api
from .bodies import Members
from .cors import allowed_origins
from .etags import of_body
from .page_tokens import bad_token, bind, unbind
from .refusal import Refusal
from .request import Request
from .response import Response, if_changed
from .times import utc_text

__all__ = [
    "Api",
    "Members",
    "Refusal",
    "Request",
    "Response",
    "allowed_origins",
    "bad_token",
    "bind",
    "if_changed",
    "of_body",
    "unbind",
    "utc_text",
]
