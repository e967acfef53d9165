"""How resources are deleted."""

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from local.engine.context import Context
from local.not_emulated import NOT_EMULATED
from local.provider.deletion_calls import CALLS

State = dict[str, Any]

CALL = re.compile(r"([\w-]+)\.(\w+)\((.*)\)")

WITH_WHAT_THEY_BELONG_TO = (
    "aws:acm/certificateValidation:",
    "aws:apigateway/account:",
    "aws:apigateway/methodSettings:",
    "aws:apigateway/restApiPolicy:",
    "aws:cloudfront/keyvaluestoreKeysExclusive:",
    "aws:cognito/identityPoolProviderPrincipalTag:",
    "aws:cognito/identityPoolRoleAttachment:",
    "aws:lambda/invocation:",
    "aws:s3/bucket",
    "aws:sns/topicPolicy:",
    "aws:sqs/queuePolicy:",
    "aws:sqs/redrive",
    "aws:vpc/securityGroup",
)
"""Settings of another resource, gone when that is gone."""

GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")


def delete(context: Context, id_: str, state: State) -> None:
    """Deletes one resource; one that is gone already counts as deleted.

    Raises ValueError for a type whose deletion is not written yet.
    """
    try:
        _delete(context, {**state, "id": id_})
    except ClientError as error:
        if not any(word in error.response["Error"]["Code"] for word in GONE):
            raise


def _delete(context: Context, state: State) -> None:
    if context.type in _OWN:
        _OWN[context.type](context, state)
    elif found := CALL.fullmatch(CALLS.get(context.type, "")):
        service, operation, parameters = found.groups()
        pairs = (each.split("=") for each in parameters.split(", "))
        given = {name: state[key] for name, key in pairs if state.get(key)}
        context.call(service, operation, {}, **given)
    elif context.type not in NOT_EMULATED and not context.type.startswith(WITH_WHAT_THEY_BELONG_TO):
        raise ValueError(
            f"the embedded cloud cannot delete the type {context.type};"
            " say how in local/provider/deletion_calls.py"
        )


def _bucket(context: Context, state: State) -> None:
    name = state["bucket"]
    client = context.client("s3")
    if state.get("forceDestroy"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                client.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for each in page.get("Contents", []):
                client.delete_object(Bucket=name, Key=each["Key"])
    client.delete_bucket(Bucket=name)


def _event_target(context: Context, state: State) -> None:
    bus = state.get("eventBusName", "default")
    client = context.client("events")
    client.remove_targets(Rule=state["rule"], EventBusName=bus, Ids=[state["targetId"]])


def _alarm(context: Context, state: State) -> None:
    context.client("cloudwatch").delete_alarms(AlarmNames=[state["name"]])


def _dashboard(context: Context, state: State) -> None:
    context.client("cloudwatch").delete_dashboards(DashboardNames=[state["dashboardName"]])


def _key(context: Context, state: State) -> None:
    days = {"PendingWindowInDays": state.get("deletionWindowInDays", 30)}
    context.client("kms").schedule_key_deletion(KeyId=state["id"], **days)


def _secret(context: Context, state: State) -> None:
    context.client("secretsmanager").delete_secret(
        SecretId=state["id"], ForceDeleteWithoutRecovery=True
    )


def _endpoint(context: Context, state: State) -> None:
    context.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[state["id"]])


def _distribution(context: Context, state: State) -> None:
    client = context.client("cloudfront")
    found = client.get_distribution_config(Id=state["id"])
    off = found["DistributionConfig"] | {"Enabled": False}
    etag = client.update_distribution(
        Id=state["id"], IfMatch=found["ETag"], DistributionConfig=off
    )["ETag"]
    client.delete_distribution(Id=state["id"], IfMatch=etag)


def _at_edge(read: str, delete: str, parameter: str, key: str) -> Callable[[Context, State], None]:
    """CloudFront deletes what is read first, by its ETag."""

    def run(context: Context, state: State) -> None:
        client, which = context.client("cloudfront"), {parameter: state[key]}
        stage = {"Stage": "DEVELOPMENT"} if read == "describe_function" else {}
        etag = getattr(client, read)(**which, **stage)["ETag"]
        getattr(client, delete)(**which, IfMatch=etag)

    return run


_OWN: dict[str, Callable[[Context, State], None]] = {
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/function:Function": _at_edge(
        "describe_function", "delete_function", "Name", "name"
    ),
    "aws:cloudfront/keyValueStore:KeyValueStore": _at_edge(
        "describe_key_value_store", "delete_key_value_store", "Name", "name"
    ),
    **{
        f"aws:cloudfront/{noun}:{noun[0].upper()}{noun[1:]}": _at_edge(
            f"get_{word}", f"delete_{word}", "Id", "id"
        )
        for noun, word in {
            "cachePolicy": "cache_policy",
            "keyGroup": "key_group",
            "originAccessControl": "origin_access_control",
            "originRequestPolicy": "origin_request_policy",
            "publicKey": "public_key",
            "responseHeadersPolicy": "response_headers_policy",
        }.items()
    },
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
}
"""The types that are deleted in ways of their own."""
