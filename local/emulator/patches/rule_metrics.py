"""A rule publishes a metric for each event that matches it, also without a target.

Stock 1.5.33 publishes no metrics of EventBridge.

AWS: "Monitoring Amazon EventBridge" (TriggeredRules, by RuleName). The metrics of targets, and
those of rules on a schedule, are not published here.

ministack has fixed this when tests/emulator/test_rule_metrics.py passes with
`unpatched=("rule_metrics",)`.
"""

import time
from typing import Any

from ministack.services import cloudwatch, eventbridge

from . import Server

NAMESPACE = "AWS/Events"


def apply(server: Server) -> None:
    dispatch = eventbridge._dispatch_event

    def dispatch_and_count(event: dict[str, Any], view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        matching = [rule for key, rule in eventbridge._rules.items() if _matches(rule, event, view)]
        for rule in matching:
            cloudwatch._store_datum(
                NAMESPACE,
                "TriggeredRules",
                {"RuleName": rule["Name"]},
                time.time(),
                "Count",
                1.0,
                None,
                None,
                None,
            )
        if matching:
            cloudwatch._evaluate_all_alarms()
        dispatch(event, view)

    eventbridge._dispatch_event = dispatch_and_count


def _matches(rule: dict[str, Any], event: dict[str, Any], view: Any) -> bool:
    return bool(
        rule.get("EventBusName", "default") == event.get("EventBusName", "default")
        and rule.get("State") == "ENABLED"
        and rule.get("EventPattern")
        and eventbridge._matches_pattern_view(rule["EventPattern"], view)
    )
