"""Signed URLs and signed cookies for content with trusted key groups.

AWS: "Serve private content with signed URLs and signed cookies". The error messages are those of
"How do I troubleshoot issues related to a signed URL or signed cookies in CloudFront?".
"""

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PARAMETERS = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
"""The parameters of a signed URL. CloudFront removes them before the cache and the origin."""

_COOKIE = "CloudFront-"
_TEXT = bytes.maketrans(b"-_~", b"+=/")
_HASHES: dict[str, hashes.HashAlgorithm] = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256()}


class Refused(Exception):
    """The reason why a request is refused, always with status 403.

    Attributes:
        code: CloudFront's error code.
        message: The message to the viewer.
    """

    def __init__(self, code: str = "AccessDenied", message: str = "Access denied") -> None:
        """Refuse without a reason: it would help to forge a link."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def body(self) -> bytes:
        """Return CloudFront's answer, `application/xml`."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        ).encode()


@dataclass(frozen=True)
class ViewerRequest:
    """The parts of a request that the check reads."""

    origins: Sequence[str]
    """Scheme and host that signed URLs may have: `https://d111.cloudfront.net`, and the address of
    the same distribution on this machine."""
    path: str
    """As sent, percent-encoded."""
    query: str
    """As sent."""
    cookies: Mapping[str, str]
    address: str
    """The viewer's IP address."""


def check(request: ViewerRequest, keys: Mapping[str, str], now: float) -> None:
    """Check that a request is signed by one of `keys` (PEM by CloudFront's ID).

    Raises:
        Refused: it is not signed, or not for this URL, time or IP address.
    """
    signed = _signed(request)
    key_id = signed.get("Key-Pair-Id")
    if not key_id:
        raise Refused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    if key_id not in keys:
        raise Refused("InvalidKey", "Unknown Key")
    algorithm = _HASHES.get(signed.get("Hash-Algorithm", "SHA1"))
    if algorithm is None or "Signature" not in signed:
        raise Refused
    signature, key = _decoded(signed["Signature"]), keys[key_id]
    urls = [_url(origin, request) for origin in request.origins]
    if "Policy" in signed:
        policy = _decoded(signed["Policy"])
        if not _verifies(key, signature, policy, algorithm):
            raise Refused
        _check_policy(policy, urls, request.address, now)
    elif not any(
        _verifies(key, signature, _canned(url, signed.get("Expires", "")), algorithm)
        for url in urls
    ) or now >= int(signed["Expires"]):
        raise Refused


def without_signature(query: str) -> str:
    """Return a query string without the parameters of the signature."""
    return "&".join(each for each in query.split("&") if _name(each) not in PARAMETERS)


def _signed(request: ViewerRequest) -> dict[str, str]:
    """Return the parameters of the signature: those of the URL, or else those of the cookies."""
    found = [each for each in request.query.split("&") if _name(each) in PARAMETERS]
    signed = {_name(each): each.partition("=")[2] for each in found}
    if len(signed) < len(found):
        raise Refused
    return signed or {
        name: request.cookies[_COOKIE + name]
        for name in PARAMETERS
        if _COOKIE + name in request.cookies
    }


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _url(origin: str, request: ViewerRequest) -> str:
    query = without_signature(request.query)
    return f"{origin}{request.path}" + (f"?{query}" if query else "")


def _canned(url: str, expires: str) -> bytes:
    if not re.fullmatch("[0-9]{1,12}", expires):
        raise Refused
    condition = {"DateLessThan": {"AWS:EpochTime": int(expires)}}
    policy = {"Statement": [{"Resource": url, "Condition": condition}]}
    return json.dumps(policy, separators=(",", ":"), ensure_ascii=False).encode()


def _check_policy(policy: bytes, urls: Sequence[str], address: str, now: float) -> None:
    try:
        (statement,) = json.loads(policy)["Statement"]
        resource, condition = statement.get("Resource", "*"), statement["Condition"]
        fits = any(_pattern(resource).fullmatch(url) for url in urls)
        holds = _holds(condition, address, now)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("MalformedPolicy", "Malformed Policy") from None
    if not (fits and holds):
        raise Refused


def _holds(condition: dict[str, Any], address: str, now: float) -> bool:
    if now >= condition["DateLessThan"]["AWS:EpochTime"]:
        return False
    if now < condition.get("DateGreaterThan", {"AWS:EpochTime": 0})["AWS:EpochTime"]:
        return False
    network = condition.get("IpAddress", {"AWS:SourceIp": "0.0.0.0/0"})["AWS:SourceIp"]
    anywhere = network == "0.0.0.0/0"
    return anywhere or ipaddress.ip_address(address) in ipaddress.ip_network(network)


def _pattern(resource: str) -> "re.Pattern[str]":
    """Match a pattern: `*` is any number of characters, `?` is one."""
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(each, re.escape(each)) for each in resource))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii").translate(_TEXT), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Refused from None


def _verifies(pem: str, signature: bytes, message: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = load_pem_public_key(pem.encode())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True
