"""Serverless caches, and the users and groups that log in to them."""

import time

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates

SERVICE = "elasticache"
_START_SECONDS = 60


def _update_user(context: Context, name: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key not in ("userName", "engine")}
    context.call(SERVICE, "modify_user", wanted, {}, ("userId",), UserId=name)
    return {}


@creates(
    "aws:elasticache/user:User",
    update=Update(_update_user, replaced_by=("userId", "userName")),
    delete=Call(SERVICE, "delete_user", UserId="userId"),
)
def user(context: Context, inputs: Inputs) -> Created:
    """A user with a token, passwords, or neither."""
    name = inputs["userId"].lower()
    made = context.call(SERVICE, "create_user", inputs, {}, ("userId",), UserId=name)
    return name, {"userId": name, "arn": made["ARN"]}


def _update_group(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client(SERVICE)
    found = client.describe_user_groups(UserGroupId=name)["UserGroups"][0]
    before, after = set(found["UserIds"]), set(inputs.get("userIds", ()))
    changes = {"UserIdsToAdd": sorted(after - before), "UserIdsToRemove": sorted(before - after)}
    given = {key: value for key, value in changes.items() if value}
    if given:
        client.modify_user_group(UserGroupId=name, **given)
    return {}


@creates(
    "aws:elasticache/userGroup:UserGroup",
    update=Update(_update_group, replaced_by=("userGroupId",), changes=("userIds",)),
    delete=Call(SERVICE, "delete_user_group", UserGroupId="userGroupId"),
)
def user_group(context: Context, inputs: Inputs) -> Created:
    """The users of a cache."""
    name = inputs["userGroupId"].lower()
    handled = ("userGroupId",)
    made = context.call(SERVICE, "create_user_group", inputs, {}, handled, UserGroupId=name)
    return name, {"userGroupId": name, "arn": made["ARN"]}


RENAME = {"cacheUsageLimits.ecpuPerSeconds": "ECPUPerSecond"}
_CHANGEABLE = (
    "cacheUsageLimits",
    "dailySnapshotTime",
    "description",
    "majorEngineVersion",
    "securityGroupIds",
    "snapshotRetentionLimit",
    "userGroupId",
)


def _limits(inputs: Inputs) -> Inputs:
    """Return the inputs with the limit of requests as AWS has it: not in a list."""
    limits = inputs.get("cacheUsageLimits")
    if not limits:
        return inputs
    units = limits.get("ecpuPerSeconds")
    own = {**limits, "ecpuPerSeconds": units[0]} if units else limits
    return {**inputs, "cacheUsageLimits": own}


def _update_cache(context: Context, name: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in _limits(inputs).items() if key in _CHANGEABLE}
    call = "modify_serverless_cache"
    context.call(SERVICE, call, wanted, RENAME, ServerlessCacheName=name)
    return {}


def _delete_cache(context: Context, name: str, _state: Outputs) -> None:
    context.client(SERVICE).delete_serverless_cache(ServerlessCacheName=name)


@creates(
    "aws:elasticache/serverlessCache:ServerlessCache",
    update=Update(
        _update_cache,
        replaced_by=("engine", "kmsKeyId", "name", "subnetIds", "snapshotArnsToRestores"),
        changes=_CHANGEABLE,
    ),
    delete=_delete_cache,
)
def serverless_cache(context: Context, inputs: Inputs) -> Created:
    """A cache, which is a server of this machine."""
    name = context.named(inputs, limit=40).lower()
    handled = ("name",)
    context.call(
        SERVICE,
        "create_serverless_cache",
        _limits(inputs),
        RENAME,
        handled,
        ServerlessCacheName=name,
    )
    made = _available(context, name)
    endpoint = {"address": made["Endpoint"]["Address"], "port": made["Endpoint"]["Port"]}
    return name, {
        "name": name,
        "arn": made["ARN"],
        "endpoints": [endpoint],
        "readerEndpoints": [endpoint],
        "fullEngineVersion": made["FullEngineVersion"],
        "status": made["Status"],
        "createTime": made["CreateTime"].isoformat(),
    }


def _available(context: Context, name: str) -> Outputs:
    """Wait for the server of a cache. Raises TimeoutError."""
    client, ends = context.client(SERVICE), time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        found = client.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0]
        if found["Status"] == "available":
            return dict(found)
        time.sleep(0.02)
    raise TimeoutError(f"the cache {name} did not start; the log of the emulator says why")
