"""Topic rules send messages to Kinesis streams, delivery streams and buckets with their roles.

Stock 1.5.33 silently skips the actions `kinesis`, `firehose` and `s3`, and the error action.

AWS: "AWS IoT rule actions" (Kinesis Data Streams, Firehose, S3), "Substitution templates", "Error
handling (error action)", "Granting an AWS IoT rule the access it requires".

ministack has fixed this when tests/emulator/test_topic_rules.py passes with
`unpatched=("topic_rules",)`.
"""

import base64
import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import firehose, iot, kinesis, s3

from ..policies import role_allows_cached
from . import Server

_TEMPLATE = re.compile(r"\$\{([^}]*)\}")
_message: ContextVar[tuple[str, bytes, str | None]] = ContextVar("message")
"""Topic, payload and client of the message that a rule handles."""


def apply(server: Server) -> None:
    _record_message()
    _act()
    for action, key in (
        ("kinesis", "streamName"),
        ("firehose", "deliveryStreamName"),
        ("s3", "bucketName"),
    ):
        iot._RULE_ACTION_RESOURCE_KEYS[action] = (key,)


def _record_message() -> None:
    run = iot._run_rule_actions

    async def run_and_record(account: str, region: str, rule: Any, *message: Any) -> None:
        payload, topic, client = (*message, "", None)[:3]
        token = _message.set((topic, payload or b"", client))
        try:
            await run(account, region, rule, payload, topic, client)
        finally:
            _message.reset(token)

    iot._run_rule_actions = run_and_record


def _act() -> None:
    dispatch = iot._dispatch_rule_action

    async def act(account: str, region: str, rule: str, action: dict[str, Any], event: Any) -> None:
        body = event.encode() if isinstance(event, str) else _json(event)
        with request_scope(account, region):
            if "kinesis" in action:
                _to_stream(action["kinesis"], body, region, account)
            elif "firehose" in action:
                _to_delivery(action["firehose"], body, region, account)
            elif "s3" in action:
                await _to_bucket(action["s3"], body)
            else:
                await dispatch(account, region, rule, action, event)

    iot._dispatch_rule_action = act


def _to_stream(spec: Mapping[str, str], body: bytes, region: str, account: str) -> None:
    name = spec["streamName"]
    _need(spec, "kinesis:PutRecord", f"arn:aws:kinesis:{region}:{account}:stream/{name}")
    record = {
        "StreamName": name,
        "PartitionKey": _substituted_text(spec.get("partitionKey") or "${newuuid()}"),
        "Data": base64.b64encode(body).decode(),
    }
    _check(kinesis._put_record(record))


def _to_delivery(spec: Mapping[str, str], body: bytes, region: str, account: str) -> None:
    name = spec["deliveryStreamName"]
    _need(spec, "firehose:PutRecord", f"arn:aws:firehose:{region}:{account}:deliverystream/{name}")
    data = base64.b64encode(body + spec.get("separator", "").encode()).decode()
    _check(firehose._put_record({"DeliveryStreamName": name, "Record": {"Data": data}}))


async def _to_bucket(spec: Mapping[str, str], body: bytes) -> None:
    bucket, key = spec["bucketName"], _substituted_text(spec["key"])
    _need(spec, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    headers = {"host": "s3.localhost", "content-length": str(len(body))}
    _check(await s3.handle_request("PUT", f"/{bucket}/{key}", headers, body, {}, internal=True))


def _need(spec: Mapping[str, str], action: str, resource: str) -> None:
    if not role_allows_cached(spec["roleArn"], action, resource):
        raise PermissionError(f"{spec['roleArn']} does not allow {action} on {resource}")


def _check(answer: tuple[Any, ...]) -> None:
    if answer[0] >= 300:
        raise RuntimeError(f"status {answer[0]}: {answer[2]!r}")


def _substituted_text(template: str) -> str:
    topic, payload, client = _message.get()

    def value(match: re.Match[str]) -> str:
        message = iot._rule_message(payload)
        return str(iot._eval_select_expr(match[1].strip(), topic, payload, message, client))

    return _TEMPLATE.sub(value, template)


def _json(event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
