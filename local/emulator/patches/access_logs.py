"""API Gateway stages write access logs.

Stock 1.5.33 stores `accessLogSettings` and logs nothing.

AWS: "Set up CloudWatch API logging using the API Gateway console", "Variables for access logging";
a variable without a value is `-`.

ministack has fixed this when tests/emulator/test_access_logs.py passes with
`unpatched=("access_logs",)`.
"""

import re
import time
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway_v1 as gateway
from ministack.services import cloudwatch_logs

from . import Server

VARIABLE = re.compile(r"\$context\.([A-Za-z][\w.-]*\w)")
_seen: ContextVar[dict[str, Any]] = ContextVar("seen")


def apply(server: Server) -> None:
    _record_requests()
    _write_log_lines()


def _record_requests() -> None:
    """Values of a request that only inner functions of ministack know."""
    authorize, explain = gateway._authorize_request_v1, gateway._gateway_error_response
    execute = gateway._execute_in_scope

    async def authorize_and_record(*arguments: Any) -> Any:
        error, context = await authorize(*arguments)
        for key, value in ((context or {}).get("claims") or {}).items():
            _seen.get({})[f"authorizer.claims.{key}"] = value
        return error, context

    def explain_and_record(error: Any, request: dict[str, Any]) -> Any:
        _seen.get({})["error.responseType"] = error.response_type
        _seen.get({})["error.message"] = error.message
        return explain(error, request)

    async def execute_and_record(request: dict[str, Any], *rest: Any) -> Any:
        answer = await execute(request, *rest)
        _seen.get({}).update(
            requestId=request["request_id"],
            resourcePath=request["resource_path"],
            stage=request["stage_name"],
        )
        return answer

    gateway._authorize_request_v1 = authorize_and_record
    gateway._gateway_error_response = explain_and_record
    gateway._execute_in_scope = execute_and_record


def _write_log_lines() -> None:
    handle = gateway._handle_execute_in_scope

    async def handle_logged(
        api: str, stage: str, method: str, path: str, headers: dict[str, Any], *rest: Any
    ) -> Any:
        settings = (gateway._stages_v1.get(api, {}).get(stage) or {}).get("accessLogSettings") or {}
        if not settings.get("destinationArn"):
            return await handle(api, stage, method, path, headers, *rest)
        seen: dict[str, Any] = {"apiId": api, "httpMethod": method, "path": f"/{stage}{path}"}
        seen["protocol"] = "HTTP/1.1"
        seen["identity.sourceIp"] = "127.0.0.1"
        seen["identity.userAgent"] = gateway._header_ci(headers, "user-agent")
        token, started = _seen.set(seen), time.time()
        try:
            status, sent, body = await handle(api, stage, method, path, headers, *rest)
        finally:
            _seen.reset(token)
        seen["status"] = status
        seen["responseLength"] = len(body or b"")
        seen["responseLatency"] = int((time.time() - started) * 1000)
        seen["requestTimeEpoch"] = int(started * 1000)
        seen["requestTime"] = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(started))
        _write(settings, seen)
        return status, sent, body

    gateway._handle_execute_in_scope = handle_logged


def _write(settings: dict[str, str], seen: dict[str, Any]) -> None:
    line = VARIABLE.sub(lambda found: _text(seen.get(found[1])), settings.get("format", ""))
    group = settings["destinationArn"].partition(":log-group:")[2].removesuffix(":*")
    events = [{"timestamp": int(time.time() * 1000), "message": line}]
    cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": "access"})
    cloudwatch_logs._put_log_events(
        {"logGroupName": group, "logStreamName": "access", "logEvents": events}
    )


def _text(value: Any) -> str:
    return "-" if value in (None, "") else str(value).replace('"', '\\"')
