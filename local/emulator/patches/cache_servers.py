"""Serverless caches are real servers, with TLS and users that log in with IAM tokens or passwords.

Stock 1.5.33 runs caches with Docker only: without it, an endpoint is `redis:6379`, where nothing
listens. It drops the authentication mode of a user, and a cache lets everybody in.

AWS: "Authenticating with IAM" and "Role-Based Access Control (RBAC)" in the user guide of
ElastiCache. A cache without a user group lets everybody in there too. The access string of a user
is enforced by the server.

ministack has fixed this when tests/emulator/test_cache_servers.py passes with
`unpatched=("cache_servers",)`.
"""

import hashlib
import hmac
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import elasticache

from ..services.stores.authority import ADDRESS
from ..services.stores.stores import STORES
from ..services.stores.tokens import Scope, TokenError, check_cache_token
from . import Server

Record = dict[str, Any]


def apply(server: Server) -> None:
    STORES.use(server.folder.temporary / "stores")
    _run_servers()
    _keep_authentication()


def _run_servers() -> None:
    create, delete = elasticache._create_serverless_cache, elasticache._delete_serverless_cache
    reset = elasticache.reset

    def create_serverless_cache(params: Any) -> Any:
        answer = create(params)
        name = elasticache._p(params, "ServerlessCacheName").lower()
        if answer[0] != 200:
            return answer
        cache = elasticache._serverless_caches[name]
        del cache["Endpoint"], cache["ReaderEndpoint"]
        cache["Status"] = "creating"
        scope = get_account_id(), get_region()
        spawn_background(_start, cache, scope, thread_name=f"cache-{name}")
        body = f"<ServerlessCache>{elasticache._serverless_cache_xml(cache)}</ServerlessCache>"
        result = f"<CreateServerlessCacheResult>{body}</CreateServerlessCacheResult>"
        return elasticache._xml(200, "CreateServerlessCacheResponse", result)

    def delete_serverless_cache(params: Any) -> Any:
        cache = elasticache._serverless_caches.get(
            elasticache._p(params, "ServerlessCacheName").lower()
        )
        # The final snapshot is not made.
        answer = delete({**params, "FinalSnapshotName": [""]})
        if answer[0] == 200 and cache:
            STORES.stop(cache["ARN"])
        return answer

    def reset_all() -> None:
        reset()
        STORES.clear()

    elasticache._create_serverless_cache = create_serverless_cache
    elasticache._delete_serverless_cache = delete_serverless_cache
    elasticache.reset = reset_all


def _start(cache: Record, scope: Scope) -> None:
    def user_of(name: str) -> Record | None:
        with request_scope(*scope):
            group = elasticache._user_groups.get(cache["UserGroupId"])
            names = group["UserIds"] if group else ()
            users = [elasticache._users.get(each) for each in names]
        return next((each for each in users if each and each["UserName"] == name), None)

    def problem(name: str, password: str) -> str | None:
        if not cache["UserGroupId"]:
            return None
        user = user_of(name)
        if user is None or "on" not in user["AccessString"].split():
            return "there is no such user in the user group, or it is off"
        if user["Authentication"]["Type"] != "iam":
            given = _hashed(password)
            right = any(hmac.compare_digest(given, each) for each in user["_passwords"])
            return None if right else "wrong password"
        try:
            check_cache_token(
                password, scope=scope, cache=cache["ServerlessCacheName"], user=user["UserId"]
            )
        except TokenError as error:
            return str(error)
        return None

    def rules(name: str) -> list[str]:
        user = user_of(name)
        return str(user["AccessString"]).split() if user else ["on", "~*", "&*", "+@all"]

    port = STORES.start_cache(cache["ARN"], check=problem, rules=rules)
    cache["Endpoint"] = cache["ReaderEndpoint"] = {"Address": ADDRESS, "Port": port}
    cache["Status"] = "available"


def _keep_authentication() -> None:
    """Store how a user logs in."""
    create, modify = elasticache._create_user, elasticache._modify_user

    def store(params: Any) -> None:
        user = elasticache._users[elasticache._p(params, "UserId")]
        kind = elasticache._p(params, "AuthenticationMode.Type")
        passwords = _passwords(params)
        user.setdefault("_passwords", [])
        if kind == "iam":
            user["Authentication"] = {"Type": "iam", "PasswordCount": 0}
        elif passwords:
            user["_passwords"] = [_hashed(each) for each in passwords]
            user["Authentication"] = {"Type": "password", "PasswordCount": len(passwords)}

    def create_user(params: Any) -> Any:
        if elasticache._p(params, "AuthenticationMode.Type") == "iam" and elasticache._p(
            params, "UserId"
        ) != elasticache._p(params, "UserName"):
            text = "For IAM authentication, the user name and the user ID must be the same."
            return elasticache._error("InvalidParameterValue", text, 400)
        answer = create(params)
        if answer[0] == 200:
            store(params)
            return _user_answer("CreateUser", params)
        return answer

    def modify_user(params: Any) -> Any:
        answer = modify(params)
        if answer[0] == 200:
            store(params)
            return _user_answer("ModifyUser", params)
        return answer

    elasticache._create_user, elasticache._modify_user = create_user, modify_user


def _user_answer(action: str, params: Any) -> Any:
    shown = elasticache._user_xml(elasticache._users[elasticache._p(params, "UserId")])
    result = f"<{action}Result>{shown}</{action}Result>"
    return elasticache._xml(200, f"{action}Response", result)


def _passwords(params: Any) -> list[str]:
    found = []
    for prefix in ("Passwords.member", "AuthenticationMode.Passwords.member"):
        number = 1
        while given := elasticache._p(params, f"{prefix}.{number}"):
            found.append(given)
            number += 1
    return found


def _hashed(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()
