"""Load balancers check the health of targets, drain them, and publish metrics.

Stock 1.5.33 knows a target by its ID only, so that a second port on 127.0.0.1 is lost, reports each
as healthy, sends requests to all, and forgets one that is deregistered with its requests in flight.
It answers 502 for a timeout, and publishes no metrics.

AWS: "Target groups for your Application Load Balancers", "Troubleshoot your Application Load
Balancers" (502, 503 and 504), "CloudWatch metrics for your Application Load Balancer".

ministack has fixed this when tests/emulator/test_load_balancers.py passes with
`unpatched=("load_balancers",)`.
"""

import asyncio
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import StreamingResponse, request_scope
from ministack.services import alb

from ..services.metrics import Measured, Metrics
from ..services.targets import HEALTHY, UNHEALTHY, HealthCheck, Target, Targets
from . import Server

REASONS = {
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_balancer: ContextVar[str] = ContextVar("balancer")
"""The load balancer of the request."""


def health_check(group: str) -> HealthCheck | None:
    """Return the health check of a target group, or None if the group is gone."""
    settings = _find(alb._tgs, group)
    if settings is None:
        return None
    port = str(settings["HealthCheckPort"])
    return HealthCheck(
        interval=settings["HealthCheckIntervalSeconds"],
        timeout=settings["HealthCheckTimeoutSeconds"],
        path=settings["HealthCheckPath"],
        port=int(port) if port.isdigit() else None,
        healthy=settings["HealthyThresholdCount"],
        unhealthy=settings["UnhealthyThresholdCount"],
        matcher=settings["Matcher"]["HttpCode"],
    )


TARGETS = Targets(health_check)
"""The targets of all groups, also for the schedulers of tasks and instances."""


def deregistration_delay(group: str) -> float:
    """Return the seconds that a target drains at most."""
    return float(_attribute(group, "deregistration_delay.timeout_seconds", "300"))


def apply(server: Server) -> None:
    metrics = Metrics(_hosts)
    _keep_targets(metrics)
    _forward(metrics)
    reset = alb.reset

    def reset_all() -> None:
        metrics.clear()
        TARGETS.clear()
        reset()

    alb.reset = reset_all


def _keep_targets(metrics: Metrics) -> None:
    def register(params: Any) -> Any:
        return _changed(params, "RegisterTargets", TARGETS.register)

    def deregister(params: Any) -> Any:
        def drain(group: str, keys: list[tuple[str, int]]) -> None:
            TARGETS.deregister(group, keys, deregistration_delay(group))

        return _changed(params, "DeregisterTargets", drain)

    stock = {
        name: alb._ACTION_MAP[name]
        for name in ("RegisterTargets", "DeregisterTargets", "DescribeTargetHealth")
    }

    def _changed(params: Any, action: str, change: Any) -> Any:
        group = alb._p(params, "TargetGroupArn")
        settings = alb._tgs.get(group)
        if not settings or settings["TargetType"] == "lambda":
            return stock[action](params)
        given = alb._parse_targets_param(params)
        change(group, [(each["Id"], int(each.get("Port") or settings["Port"])) for each in given])
        return alb._empty(action)

    def describe(params: Any) -> Any:
        group = alb._p(params, "TargetGroupArn")
        settings = alb._tgs.get(group)
        if not settings or settings["TargetType"] == "lambda":
            return stock["DescribeTargetHealth"](params)
        given = {(each["Id"], each.get("Port")) for each in alb._parse_targets_param(params)}
        described = "".join(
            _target_xml(each)
            for each in TARGETS.of(group)
            if not given or given & {(each.id, each.port), (each.id, None)}
        )
        content = f"<TargetHealthDescriptions>{described}</TargetHealthDescriptions>"
        return alb._xml(200, "DescribeTargetHealth", content)

    create = alb._ACTION_MAP["CreateTargetGroup"]

    def create_group(params: Any) -> Any:
        metrics.start()
        return create(params)

    alb._ACTION_MAP.update(
        CreateTargetGroup=create_group,
        RegisterTargets=register,
        DeregisterTargets=deregister,
        DescribeTargetHealth=describe,
    )


def _target_xml(target: Target) -> str:
    reason = f"<Reason>{target.reason}</Reason>" if target.reason else ""
    return (
        f"<member><Target><Id>{target.id}</Id><Port>{target.port}</Port></Target>"
        f"<HealthCheckPort>{target.port}</HealthCheckPort>"
        f"<TargetHealth><State>{target.state}</State>{reason}</TargetHealth></member>"
    )


def _forward(metrics: Metrics) -> None:
    forward, execute = alb._forward_to_tg, alb._execute_actions

    async def forward_to_group(group: str, *request: Any) -> Any:
        settings = alb._tgs.get(group)
        if not settings or settings["TargetType"] == "lambda":
            return await forward(group, *request)
        algorithm = _attribute(group, "load_balancing.algorithm.type", "round_robin")
        target = TARGETS.take(group, algorithm)
        if target is None:
            return _failed(metrics, group, 503)
        method, path, headers, body, query, raw_query, raw_path = request
        address = {"Id": target.id, "Port": target.port}
        try:
            answer = await asyncio.wait_for(
                alb._proxy_http_target(
                    address, settings, method, raw_path or path, headers, body, query, raw_query
                ),
                float(alb._lb_attr(_balancer.get(), "idle_timeout.timeout_seconds", "60")),
            )
        except TimeoutError:
            TARGETS.release(target)
            return _failed(metrics, group, 504)
        except BaseException:
            TARGETS.release(target)
            raise
        status, out, content = answer
        if not isinstance(content, StreamingResponse):
            # The target itself always streams.
            TARGETS.release(target)
            return _failed(metrics, group, 504 if b"timed out" in content else 502)
        metrics.count(_balancer.get(), group, "RequestCount")
        metrics.count(_balancer.get(), group, f"HTTPCode_Target_{status // 100}XX_Count")

        async def run(send: Any, receive: Any) -> None:
            try:
                await content.runner(send, receive)
            finally:
                TARGETS.release(target)

        return status, out, StreamingResponse(run)

    async def execute_actions(*rest: Any, **more: Any) -> Any:
        _balancer.set(more["lb_arn"])
        return await execute(*rest, **more)

    alb._forward_to_tg, alb._execute_actions = forward_to_group, execute_actions


def _failed(metrics: Metrics, group: str, status: int) -> Any:
    """Return the load balancer's own error page."""
    metrics.count(_balancer.get(), group, "RequestCount")
    metrics.count(_balancer.get(), "", "HTTPCode_ELB_5XX_Count")
    metrics.count(_balancer.get(), "", f"HTTPCode_ELB_{status}_Count")
    title = f"{status} {REASONS[status]}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return status, {"Content-Type": "text/html"}, page.encode()


def _hosts() -> Iterable[Measured]:
    """Yield the number of healthy and unhealthy targets of each group of each load balancer."""
    for balancer, group in _forwarding():
        states = [each.state for each in TARGETS.of(group)]
        yield balancer, group, "HealthyHostCount", float(states.count(HEALTHY))
        yield balancer, group, "UnHealthyHostCount", float(states.count(UNHEALTHY))


def _forwarding() -> set[tuple[str, str]]:
    """Return the ARNs of the load balancers with those of the target groups of their rules."""
    found: set[tuple[str, str]] = set()
    for _key, rule in alb._rules.all_items():
        start, _kind, rest = rule["RuleArn"].partition(":listener-rule/")
        balancer = f"{start}:loadbalancer/{rest.rsplit('/', 2)[0]}"
        for action in rule.get("Actions", ()):
            groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
            arns = [each["TargetGroupArn"] for each in groups] or [action.get("TargetGroupArn")]
            found.update((balancer, arn) for arn in arns if arn)
    return found


def _attribute(group: str, name: str, default: str) -> str:
    attributes = _find(alb._tg_attrs, group) or ()
    return next((each["Value"] for each in attributes if each["Key"] == name), default)


def _find(store: Any, arn: str) -> Any:
    """Return an entry by its ARN, in the account and region of the ARN."""
    _arn, _aws, _service, region, account, _rest = arn.split(":", 5)
    with request_scope(account, region):
        return store.get(arn)
