"""EventBridge needs permission to reach a target, retries functions and keeps what it cannot bring.

Stock 1.5.33 delivers to a queue whatever the queue's policy says, and to a function without a
Lambda permission. It tries a function once, in a thread of its own, and drops the event when the
function fails or is throttled. A target's DeadLetterConfig is ignored.

AWS: "Using resource-based policies for Amazon EventBridge", "Event retry policy and using
dead-letter queues" (a missing target or permission is not retried, it goes to the dead-letter
queue at once; nothing else fails here, so RetryPolicy has nothing to do).

Upstream no longer needs this when tests/emulator/test_event_targets.py passes with
`unpatched=("event_targets",)`.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge

from ..events.delivery import Delivery, Refused
from . import Server

_current: ContextVar[Delivery] = ContextVar("delivery")


def apply(server: Server) -> None:
    _remember_the_target()
    _check_queues()
    _invoke_functions_with_permission()


def _remember_the_target() -> None:
    """The stock dispatch functions know the payload, and their caller the rule."""
    invoke = eventbridge._invoke_target

    def invoke_remembered(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> None:
        token = _current.set(Delivery(target, rule.get("Arn", "")))
        try:
            invoke(target, event, rule, view)
        finally:
            _current.reset(token)

    eventbridge._invoke_target = invoke_remembered


def _check_queues() -> None:
    send = eventbridge._dispatch_to_sqs

    def send_if_admitted(spec: Any, payload: str, parameters: Any = None) -> None:
        delivery = _current.get()
        try:
            delivery.check_queue(str(spec))
        except Refused as refused:
            delivery.give_up(refused, str(spec), payload)
        else:
            send(spec, payload, parameters)

    eventbridge._dispatch_to_sqs = send_if_admitted


def _invoke_functions_with_permission() -> None:
    def invoke_if_admitted(arn: str, payload: str) -> None:
        delivery = _current.get()
        try:
            delivery.invoke(arn, payload)
        except Refused as refused:
            delivery.give_up(refused, arn, payload)

    eventbridge._dispatch_to_lambda = invoke_if_admitted
