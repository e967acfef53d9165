"""EventBridge checks permissions of targets, retries functions and uses dead-letter queues.

Stock 1.5.33 delivers to a queue regardless of the queue's policy, and to a function without a
Lambda permission. It invokes a function once, in a separate thread, and drops the event if the
function fails or is throttled. A target's DeadLetterConfig is ignored.

AWS: "Using resource-based policies for Amazon EventBridge", "Event retry policy and using
dead-letter queues" (if the target or permission is missing, the event is not retried and goes to
the dead-letter queue; nothing else fails here, so RetryPolicy has no effect).

ministack has fixed this when tests/emulator/test_event_targets.py passes with
`unpatched=("event_targets",)`.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge

from ..events.delivery import Delivery, Refused
from . import Server

_current: ContextVar[Delivery] = ContextVar("delivery")


def apply(server: Server) -> None:
    _record_target()
    _check_queues()
    _invoke_functions_with_permission()


def _record_target() -> None:
    """Combine the payload, which stock dispatch functions know, and the rule of their caller."""
    invoke = eventbridge._invoke_target

    def invoke_and_record(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> None:
        token = _current.set(Delivery(target, rule.get("Arn", "")))
        try:
            invoke(target, event, rule, view)
        finally:
            _current.reset(token)

    eventbridge._invoke_target = invoke_and_record


def _check_queues() -> None:
    send = eventbridge._dispatch_to_sqs

    def send_if_allowed(spec: Any, payload: str, parameters: Any = None) -> None:
        delivery = _current.get()
        try:
            delivery.check_queue(str(spec))
        except Refused as refused:
            delivery.dead_letter(refused, str(spec), payload)
        else:
            send(spec, payload, parameters)

    eventbridge._dispatch_to_sqs = send_if_allowed


def _invoke_functions_with_permission() -> None:
    def invoke_if_allowed(arn: str, payload: str) -> None:
        delivery = _current.get()
        try:
            delivery.invoke(arn, payload)
        except Refused as refused:
            delivery.dead_letter(refused, arn, payload)

    eventbridge._dispatch_to_lambda = invoke_if_allowed
