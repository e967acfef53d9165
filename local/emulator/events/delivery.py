"""Delivery of one event to one target, or to the target's dead-letter queue."""

import hashlib
import json
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_account_id
from ministack.services import lambda_svc, sqs

from ..policies import function_allows, role_allows

SERVICE = "events.amazonaws.com"
log = logging.getLogger(__name__)


class Refused(Exception):
    """The target refuses the event. A retry would not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Delivery:
    """The rule or schedule that calls a target."""

    target: dict[str, Any]
    source: str
    """ARN of the rule or the schedule."""

    @property
    def scheduled(self) -> bool:
        """Fail unless the role allows the action: EventBridge Scheduler acts with a role."""
        return ":scheduler:" in self.source

    def check_queue(self, arn: str) -> None:
        """Fail unless the queue exists and its policy allows this rule."""
        if sqs._queue_by_arn(arn) is None:
            raise Refused("NO_RESOURCE", f"there is no queue {arn}")
        if self.scheduled:
            self._check_role("sqs:SendMessage", arn)
        elif not sqs.queue_policy_allows(arn, SERVICE, self.source, get_account_id()):
            raise Refused("NO_PERMISSIONS", f"the policy of {arn} does not allow {self.source}")

    def invoke(self, arn: str, payload: str) -> None:
        """Pass the event to a function's asynchronous queue, which retries by itself."""
        function, config, _name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            raise Refused("NO_RESOURCE", f"there is no function {arn}")
        if self.scheduled:
            self._check_role("lambda:InvokeFunction", arn)
        elif not function_allows(arn, SERVICE, self.source):
            raise Refused("NO_PERMISSIONS", f"{arn} has no permission for {self.source}")
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    def dead_letter(self, refused: Refused, arn: str, payload: str) -> None:
        """Send the event to the target's dead-letter queue, if its policy allows the rule."""
        queue = (self.target.get("DeadLetterConfig") or {}).get("Arn")
        log.warning("event not delivered: %s (%s)", refused, refused.code)
        if not queue:
            return
        try:
            self.check_queue(queue)
        except Refused as second:
            log.warning("event lost: %s (%s)", second, second.code)
            return
        attributes = {
            "RULE_ARN": self.source,
            "TARGET_ARN": arn,
            "ERROR_CODE": refused.code,
            "ERROR_MESSAGE": str(refused),
        }
        _append(sqs._queue_by_arn(queue), payload, attributes)

    def _check_role(self, action: str, resource: str) -> None:
        role = self.target.get("RoleArn")
        if not role or not role_allows(role, action, resource):
            raise Refused("NO_PERMISSIONS", f"{role} may not {action} on {resource}")


def _append(queue: dict[str, Any], body: str, attributes: dict[str, str]) -> None:
    now = time.time()
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "md5_body": hashlib.md5(body.encode()).hexdigest(),
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    sqs._ensure_msg_fields(message)
    with sqs._queues_lock:
        queue["messages"].append(message)
    esm_wake.set()
