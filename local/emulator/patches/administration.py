"""Administration of the emulator requires the secret of this run.

Stock 1.5.33 deletes everything, changes its settings, and returns mails and code to whoever reaches
the port, such as other users of this machine. AWS has no such paths: mails go to their recipients.

A request names the secret of its path in its query, so that a person can open the mailbox in a
browser. On AWS too, GetFunction returns a presigned URL of the code. What says nothing about the
resources stays open: the health, and the CA certificate that devices trust.

ministack has fixed this when tests/emulator/test_administration.py passes with
`unpatched=("administration",)`.
"""

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ministack import app
from ministack.services import lambda_svc

from ..settings import path_secret
from . import Server

PATHS = ("/_ministack/", "/_localstack/")
OPEN = {"/_ministack/health", "/_ministack/ready", "/_ministack/iot/ca.pem"}


def apply(server: Server) -> None:
    stock, secret = app.app, server.secret

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]) or _names(secret, scope):
            await stock(scope, receive, send)
        else:
            text = (
                b"give the secret of this run: ?secret=...; `make up` prints the address of mails\n"
            )
            await app._send_response(send, 403, {"Content-Type": "text/plain"}, text)

    app.app = guarded
    for name in ("_presigned_code_url", "_layer_content_url"):
        setattr(lambda_svc, name, _with_secret(getattr(lambda_svc, name), secret))


def _is_open(path: str) -> bool:
    return path in OPEN or not path.startswith(PATHS)


def _names(secret: str, scope: Any) -> bool:
    given = parse_qs(scope.get("query_string", b"")).get(b"secret", [b""])
    return hmac.compare_digest(given[0], path_secret(secret, scope["path"]).encode())


def _with_secret(address: Callable[..., str], secret: str) -> Callable[..., str]:
    def complete(*about: Any) -> str:
        url = address(*about)
        parts = urlsplit(url)
        own = path_secret(secret, parts.path)
        return f"{url}{'&' if parts.query else '?'}secret={own}"

    return complete
