"""Sessions of an identity pool carry the user's tags, if the role trusts the pool.

Stock 1.5.33 stores SetPrincipalTagAttributeMap without effect, does not support
`cognito-identity.amazonaws.com:sub`, and returns credentials of a role that does not trust the
pool.

AWS: "Using attributes for access control as a form of attribute-based access control" (claims of
the token become session tags; the trust policy must allow sts:TagSession), "Role trust and
permissions" (sts:AssumeRoleWithWebIdentity under conditions on aud and amr), "Available keys for
AWS web identity federation".

ministack has fixed this when tests/emulator/test_identity_sessions.py passes with
`unpatched=("identity_sessions",)`.
"""

import json
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import cognito, iam, sts

from . import Server

PROVIDER = "cognito-identity.amazonaws.com"
ASSUME = "sts:AssumeRoleWithWebIdentity"
DEFAULTS = {"username": "sub", "client": "aud"}
"""The session tags of the default mappings of a user pool's tokens."""


def apply(server: Server) -> None:
    _tag_sessions()
    _support_condition_keys()


def _tag_sessions() -> None:
    stock = cognito._get_credentials_for_identity

    def get_credentials(data: dict[str, Any]) -> Any:
        status, headers, body = stock(data)
        if status != 200:
            return status, headers, body
        key = json.loads(body)["Credentials"]["AccessKeyId"]
        session = sts._sessions[key]
        tags = _tags(session)
        if not _trusted(session, tagged=bool(tags)):
            del sts._sessions[key]
            message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
            return error_response_json("InvalidIdentityPoolConfigurationException", message, 400)
        session["SessionTags"] = tags
        return status, headers, body

    cognito._get_credentials_for_identity = get_credentials


def _tags(session: dict[str, Any]) -> list[dict[str, str]]:
    pool = cognito._identity_pools.get(session["_identity_pool_id"]) or {}
    tags = {}
    for provider, token in (session["_logins"] or {}).items():
        mapping = pool.get("_principal_tags", {}).get(provider)
        if mapping:
            claims = cognito._token_claims(token)
            wanted = DEFAULTS if mapping["UseDefaults"] else mapping["PrincipalTags"] or {}
            tags.update(
                {tag: str(claims[claim]) for tag, claim in wanted.items() if claim in claims}
            )
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _trusted(session: dict[str, Any], tagged: bool) -> bool:
    """Return whether the role trusts the pool to assume it, and to set tags if there are any."""
    role = iam._roles.get(session["Arn"].split("/")[1])
    if not role:
        return False
    document = role["AssumeRolePolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    statements = document.get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements
    # The evaluator supports federated principals only for this action.
    tagging = [{**each, "Action": ASSUME} for each in statements if _allows_tagging(each)]
    context = EvalContext(
        principal_arn=PROVIDER,
        principal_type="WebIdentityUser",
        principal_account=get_account_id(),
        action=ASSUME,
        resource_arn="*",
        region=get_region(),
        secure_transport=True,
        principal_keys=_keys(session),
    )
    wanted = [statements, tagging] if tagged else [statements]
    return all(
        iam_evaluator.evaluate_trust_policy({"Statement": each}, PROVIDER, context)
        for each in wanted
    )


def _allows_tagging(statement: dict[str, Any]) -> bool:
    actions = statement.get("Action", [])
    actions = [actions] if isinstance(actions, str) else actions
    return bool(iam_evaluator._action_matches("sts:TagSession", actions, []))


def _support_condition_keys() -> None:
    stock = iam_evaluator._principal_keys

    def principal_keys(credential: Any) -> dict[str, Any]:
        session = sts._sessions.get(credential.access_key_id) or {}
        return {**stock(credential), **(_keys(session) if "_identity_id" in session else {})}

    iam_evaluator._principal_keys = principal_keys


def _keys(session: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{PROVIDER}:sub": session["_identity_id"],
        f"{PROVIDER}:aud": session["_identity_pool_id"],
        f"{PROVIDER}:amr": session["_cognito_amr"] or [session["_cognito_auth_type"]],
    }
