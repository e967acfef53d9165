"""Reads the request in a proxy event.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote

from .refusal import Refusal
from .strict_json import parse

MAX_BODY_BYTES = 64 * 1024
"""Default limit of a body."""

_JSON = "application/json"
_PAGE_SIZE = 20
_MAX_PAGE_SIZE = 100
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SUB = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PRINCIPAL = re.compile(r"[A-Za-z0-9._-]{1,128}")
_KEY = re.compile(r"[!-~]{1,255}")


class Request:
    """One request. Each part is checked when it is read.

    Args:
        event: a proxy event of a REST API.
    """

    def __init__(self, event: dict[str, Any]) -> None:
        self._event = event

    @property
    def operation(self) -> str:
        """Method and resource path, such as `GET /todos/{todoId}`."""
        return f"{self._event.get('httpMethod')} {self._event.get('resource')}"

    @property
    def user(self) -> str:
        """The `sub` of the caller in the user pool, from a token that the gateway has verified.

        Raises:
            Refusal: 401, there is none: the operation is public, or has no authorizer.
        """
        authorizer = (self._event.get("requestContext") or {}).get("authorizer") or {}
        sub = (authorizer.get("claims") or {}).get("sub")
        if not isinstance(sub, str) or not _SUB.fullmatch(sub):
            raise Refusal(401, "Authorization", "is missing or not valid")
        return sub

    @property
    def principal(self) -> str:
        """Whose request it is, as the gateway or the invoker says it: identities of different
        principals are separate even if they chose the same keys.

        - `key/<API key ID>` of an operation that requires an API key;
        - `user/<sub>` of an operation for users;
        - `role/<account>/<name>` or `iam-user/<account>/<name>` of a signed request (SigV4);
        - `public` of an operation without credentials, which all callers share;
        - `invoker/<name>` of a direct invocation, from its member `principal`.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
        (`$context.identity.apiKeyId`, `$context.identity.userArn`)

        Raises:
            Refusal: 401, a direct invocation names no principal.
        """
        context = self._event.get("requestContext")
        if context is None:
            name = self._event.get("principal")
            if not isinstance(name, str) or not _PRINCIPAL.fullmatch(name):
                raise Refusal(401, "principal", "must be 1 to 128 letters, digits and . _ -")
            return f"invoker/{name}"
        identity = context.get("identity") or {}
        if identity.get("apiKeyId"):
            return f"key/{identity['apiKeyId']}"
        if identity.get("userArn"):
            return _iam_principal(identity["userArn"])
        return f"user/{self.user}" if context.get("authorizer") else "public"

    def parameter(self, name: str) -> str:
        """Return a path parameter, decoded."""
        raw = (self._event.get("pathParameters") or {}).get(name) or ""
        try:
            return unquote(raw, errors="strict")
        except UnicodeDecodeError:
            raise Refusal(400, name, "is not UTF-8") from None

    def uuid(self, name: str) -> str:
        """Return a path parameter that is a UUID in lowercase."""
        value = self.parameter(name)
        if not _UUID.fullmatch(value):
            raise Refusal(400, name, "must be a UUID in lowercase")
        return value

    def query(self, name: str) -> str | None:
        """Return a parameter of the query string; None if it is missing."""
        one = self._event.get("queryStringParameters") or {}
        many = self._event.get("multiValueQueryStringParameters") or {}
        return _only(name, {*([one[name]] if name in one else []), *(many.get(name) or [])})

    def limit(self) -> int:
        """Return the query parameter `limit`, the page size. Default: 20."""
        text = self.query("limit")
        if text is None:
            return _PAGE_SIZE
        if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= _MAX_PAGE_SIZE:
            raise Refusal(400, "limit", f"must be a whole number from 1 to {_MAX_PAGE_SIZE}")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return a boolean parameter of the query string. Default: false."""
        text = self.query(name)
        if text not in (None, "true", "false"):
            raise Refusal(400, name, "must be true or false")
        return text == "true"

    def header(self, name: str) -> str | None:
        """Return a header; repeated values must be equal. Names are case-insensitive."""
        return _only(name, set(self._headers(name)))

    def header_list(self, name: str) -> str:
        """Return all values of a header as one list."""
        return ",".join(dict.fromkeys(self._headers(name)))

    @property
    def origin(self) -> str:
        """The header Origin; empty if it is missing."""
        return next(iter(self._headers("Origin")), "")

    def idempotency_key(self) -> str:
        """Return the header Idempotency-Key: 1 to 255 visible ASCII characters."""
        key = (self.header("Idempotency-Key") or "").strip()
        if not key:
            raise Refusal(400, "Idempotency-Key", "is missing")
        if not _KEY.fullmatch(key):
            raise Refusal(400, "Idempotency-Key", "must be 1 to 255 visible ASCII characters")
        return key

    def body(self, max_bytes: int = MAX_BODY_BYTES) -> dict[str, Any]:
        """Return the body, a JSON object of at most `max_bytes`.

        Raises:
            Refusal: 415, the header Content-Type names another format; API Gateway does not check
                it before a function. 400, it is no JSON object; 413, it is too large.
        """
        media_type = (self.header("Content-Type") or _JSON).partition(";")[0].strip().lower()
        if media_type != _JSON:
            raise Refusal(415, "Content-Type", f"must be {_JSON}")
        return parse(self.text(max_bytes))

    def text(self, max_bytes: int = MAX_BODY_BYTES) -> str:
        """Return the unparsed body, for example to verify its signature."""
        body = self._event.get("body")
        if not body:
            raise Refusal(400, "body", "is missing")
        return _text(body, bool(self._event.get("isBase64Encoded")), max_bytes)

    @property
    def address(self) -> str:
        """The IP address of the caller, from the gateway."""
        identity = (self._event.get("requestContext") or {}).get("identity") or {}
        return str(identity.get("sourceIp") or "")

    def _headers(self, name: str) -> list[str]:
        found = [
            value
            for each, values in (self._event.get("multiValueHeaders") or {}).items()
            for value in values or ()
            if each.lower() == name.lower()
        ]
        single = [
            value
            for each, value in (self._event.get("headers") or {}).items()
            if each.lower() == name.lower()
        ]
        return found + [value for value in single if value not in found]


def _iam_principal(arn: str) -> str:
    """Return the role or user of an ARN; sessions of a role are one principal.

    "IAM ARNs" in the IAM user guide: `arn:aws:sts::<account>:assumed-role/<role>/<session>`.
    """
    account, resource = arn.split(":")[4:6]
    kind, *names = resource.split("/")
    name = names[0] if kind == "assumed-role" else names[-1] if names else kind
    return f"{'role' if kind == 'assumed-role' else 'iam-user'}/{account}/{name}"


def _only(name: str, values: set[str]) -> str | None:
    if len(values) > 1:
        raise Refusal(400, name, "has more than one value")
    return next(iter(values), None)


def _text(body: str, is_base64: bool, max_bytes: int) -> str:
    if is_base64:
        return _decoded(body, max_bytes)
    try:
        _check_size(len(body.encode()), max_bytes)
    except UnicodeEncodeError:
        raise Refusal(400, "body", "is not UTF-8") from None
    return body


def _decoded(body: str, max_bytes: int) -> str:
    _check_size(len(body) * 3 // 4 - 2, max_bytes)  # before decoding; padding is at most 2
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "body", "is not Base64") from None
    _check_size(len(content), max_bytes)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "body", "is not UTF-8") from None


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise Refusal(413, "body", f"must have at most {max_bytes} bytes")
