"""Administration of the emulator requires the secret of this run.

Stock 1.5.33 deletes everything, changes its settings, and returns mails and code to whoever reaches
the port, such as other users of this machine. AWS has no such paths: mails go to their recipients.

A request names the secret in its query, so that a person can open the mailbox in a browser. What
says nothing about the resources stays open: the health, and the CA certificate that devices trust.
Addresses of code name a secret of their own: on AWS, GetFunction returns a presigned URL.

ministack has fixed this when tests/emulator/test_administration.py passes with
`unpatched=("administration",)`.
"""

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ministack import app
from ministack.services import lambda_svc

from . import Server

PATHS = ("/_ministack/", "/_localstack/")
OPEN = {"/_ministack/health", "/_ministack/ready", "/_ministack/iot/ca.pem"}


def apply(server: Server) -> None:
    stock, secret = app.app, server.secret.encode()

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


def _names(secret: bytes, scope: Any) -> bool:
    given = parse_qs(scope.get("query_string", b"")).get(b"secret", [b""])
    known = (secret, _of_path(secret, scope["path"])) if secret else ()
    return any(hmac.compare_digest(given[0], each) for each in known)


def _of_path(secret: bytes, path: str) -> bytes:
    return hmac.new(secret, path.encode(), "sha256").hexdigest().encode()


def _with_secret(address: Callable[..., str], secret: bytes) -> Callable[..., str]:
    def complete(*about: Any) -> str:
        url = address(*about)
        parts = urlsplit(url)
        own = _of_path(secret, parts.path).decode()
        return f"{url}{'&' if parts.query else '?'}secret={own}"

    return complete
