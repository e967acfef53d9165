"""A signed request counts as sent over HTTPS.

Stock 1.5.33 reads `aws:SecureTransport` from the socket. The emulator listens on plain HTTP, so the
usual statement that denies everything if `aws:SecureTransport` is false denies everyone, also AWS
services that deliver to a queue. On AWS, SDKs and services sign and use HTTPS by default, and a
browser's form is signed in its fields. An unsigned request over HTTP stays insecure here.

AWS: "AWS global condition context keys" (aws:SecureTransport).

ministack has fixed this when tests/emulator/test_secure_transport.py passes with
`unpatched=("secure_transport",)`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import s3

from . import Server


def apply(server: Server) -> None:
    # ministack sets the signer directly after the source of the request.
    app.pin_signed_request = _treat_as_https(app.pin_signed_request)
    s3._post_form_access_key_id = _treat_form_as_https(s3._post_form_access_key_id)
    # A call without a request is a call of a service.
    iam_evaluator._request_origin = ContextVar("origin", default=("127.0.0.1", True))


def _treat_as_https(pin_signed_request: Callable[..., None]) -> Callable[..., None]:
    def pin(*args: Any, **kwargs: Any) -> None:
        pin_signed_request(*args, **kwargs)
        if not iam_evaluator._anonymous.get():
            address, _secure = iam_evaluator._request_origin.get()
            iam_evaluator.pin_request_origin(address, secure_transport=True)

    return pin


def _treat_form_as_https(access_key_id: Callable[[Any], str]) -> Callable[[Any], str]:
    def find(parts: Any) -> str:
        found = access_key_id(parts)
        if found:
            address, _secure = iam_evaluator._request_origin.get()
            iam_evaluator.pin_request_origin(address, secure_transport=True)
        return found

    return find
