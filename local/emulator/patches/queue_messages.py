"""A queue loses no message when several threads use it.

Stock 1.5.33 removes messages from a queue by building a new list of the others. Requests do so in
the server's main thread and Lambda's mappings in others, and only the mappings hold a lock. A
message that is sent before the list is replaced is lost, and two receivers can get the same
message.

AWS: "Amazon SQS at-least-once delivery".

ministack has fixed this when tests/emulator/test_queue_messages.py passes with
`unpatched=("queue_messages",)`.
"""

import threading
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from ministack.services import eventbridge, lambda_svc, s3, sns, sqs

from . import Server

USERS: dict[ModuleType, list[str]] = {
    sqs: [
        "_act_delete_message",
        "_act_delete_message_batch",
        "_act_purge_queue",
        "_act_send_message",
        "_collect_msgs",
        "_dlq_sweep",
        "_expire_retained",
    ],
    eventbridge: ["_dispatch_to_sqs"],
    lambda_svc: ["_route_async_failure"],
    s3: ["_deliver_event_to_sqs"],
    sns: ["_deliver_to_sqs"],
}
"""The functions that add or remove messages. None of them waits."""


def apply(server: Server) -> None:
    # Some of these call each other.
    lock = sqs._queues_lock = threading.RLock()
    for module, names in USERS.items():
        for name in names:
            stock = getattr(module, name)
            patched = _one_at_a_time(stock, lock)
            setattr(module, name, patched)
            for action, handler in list(sqs._HANDLERS.items()):
                if handler is stock:
                    sqs._HANDLERS[action] = patched


def _one_at_a_time(function: Callable[..., Any], lock: "threading.RLock") -> Callable[..., Any]:
    @wraps(function)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return function(*args, **kwargs)

    return locked
