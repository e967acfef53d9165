"""IAM tokens of databases and caches: who signed one, and whether he may connect."""

import hashlib
import re
import time
from calendar import timegm
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from ministack.core import rds_iam, sigv4
from ministack.core.iam_evaluator import (
    AuthError,
    CredentialResolutionError,
    EvalContext,
    evaluate,
    resolve_credential,
    resolve_principal,
)
from ministack.core.responses import request_scope

MAX_SECONDS = 900
"""The longest life of a token."""
SKEW_SECONDS = 300
_DATE = "%Y%m%dT%H%M%SZ"
_SIGNED = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
_NAMES = {f"X-Amz-{name}" for name in _SIGNED}
_OPTIONAL = {"X-Amz-Security-Token"}
Scope = tuple[str, str]
"""Account and region of the server."""


class TokenError(Exception):
    """A token is refused; the text says why, without the token."""


def check_database_token(
    token: str, *, scope: Scope, host: str, port: int, user: str, resource_id: str
) -> None:
    """Check a token for a user of a database. Raises TokenError."""
    account, region = scope
    verified = rds_iam.verify_rds_iam_token(
        token, hostname=host, port=port, db_user=user, region=region, account_id=account
    )
    if isinstance(verified, rds_iam.RdsIamTokenError):
        raise TokenError(verified.code)
    _check_rights(
        verified.access_key_id,
        scope,
        "rds-db:connect",
        [f"arn:aws:rds-db:{region}:{account}:dbuser:{resource_id}/{user}"],
    )


def check_cache_token(token: str, *, scope: Scope, cache: str, user: str) -> None:
    """Check a token for a user of a serverless cache. Raises TokenError.

    "Authenticating with IAM" in the user guide of ElastiCache.
    """
    account, region = scope
    parsed = urlsplit("//" + token)
    pairs = parse_qsl(parsed.query, keep_blank_values=True)
    given = dict(pairs)
    wanted = {"Action": "connect", "User": user, "ResourceType": "ServerlessCache"}
    names = set(given) - _OPTIONAL
    if (
        len(pairs) != len(given)
        or parsed.netloc != cache
        or parsed.path not in ("", "/")
        or names != _NAMES | set(wanted)
        or any(given[key] != value for key, value in wanted.items())
    ):
        raise TokenError("InvalidToken")
    key, signature = _signer(given, scope, host=parsed.netloc)
    if not sigv4.signatures_match(signature, given["X-Amz-Signature"]):
        raise TokenError("SignatureDoesNotMatch")
    resources = [
        f"arn:aws:elasticache:{region}:{account}:serverlesscache:{cache}",
        f"arn:aws:elasticache:{region}:{account}:user:{user}",
    ]
    _check_rights(key, scope, "elasticache:Connect", resources)


def _signer(given: dict[str, str], scope: Scope, *, host: str) -> tuple[str, str]:
    """Return the access key of a token and the signature that it should have."""
    account, region = scope
    date = given["X-Amz-Date"]
    parts = given["X-Amz-Credential"].split("/")
    if parts[1:] != [date[:8], region, "elasticache", "aws4_request"]:
        raise TokenError("InvalidToken")
    if given["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256" or given["X-Amz-SignedHeaders"] != "host":
        raise TokenError("InvalidToken")
    _check_age(date, given["X-Amz-Expires"])
    credential = resolve_credential(parts[0], account, given.get("X-Amz-Security-Token", ""))
    if isinstance(credential, CredentialResolutionError):
        raise TokenError("InvalidCredentials")
    canonical = sigv4.build_canonical_request(
        "GET", "/", {"host": host}, given, "host", payload_hash=hashlib.sha256(b"").hexdigest()
    )
    text = sigv4.build_string_to_sign(date, date[:8], region, "elasticache", canonical)
    secret = credential.secret_access_key
    return parts[0], sigv4.calculate_signature(secret, date[:8], region, "elasticache", text)


def _check_age(date: str, expires: str) -> None:
    try:
        signed = timegm(time.strptime(date, _DATE))
    except ValueError:
        raise TokenError("InvalidToken") from None
    if not re.fullmatch(r"[0-9]{1,3}", expires) or not 1 <= int(expires) <= MAX_SECONDS:
        raise TokenError("InvalidToken")
    now = time.time()
    if signed > now + SKEW_SECONDS:
        raise TokenError("TokenNotYetValid")
    if now >= signed + int(expires):
        raise TokenError("ExpiredToken")


def _check_rights(key: str, scope: Scope, action: str, resources: Sequence[str]) -> None:
    account, region = scope
    with request_scope(account, region):
        principal = resolve_principal(key, account)
        if isinstance(principal, AuthError):
            raise TokenError("InvalidCredentials")
        if principal.policies is None:  # the administrator
            return
        for resource in resources:
            context = EvalContext(
                principal_arn=principal.arn,
                principal_type=principal.type,
                principal_account=account,
                action=action,
                resource_arn=resource,
                region=region,
                secure_transport=True,
                principal_keys=principal.keys,
            )
            if evaluate(context, principal.policies, *principal.limits).decision != "Allow":
                raise TokenError(f"{action} on {resource} is not allowed")
