"""Alarms read the metric with their own dimensions, and end when there are no data points.

Stock 1.5.33 joins the metrics of all dimensions: errors of one target group raise the alarms of all
others. It does not evaluate an alarm without recent data points, so that an alarm with
`TreatMissingData` never returns to OK.

AWS: "Using Amazon CloudWatch alarms", "Configuring how CloudWatch alarms treat missing data". The
evaluation runs with each PutMetricData; load balancers put theirs all the time.

ministack has fixed this when tests/emulator/test_alarm_evaluation.py passes with
`unpatched=("alarm_evaluation",)`.
"""

import operator
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from . import Server

MISSING = {"notBreaching": "OK", "breaching": "ALARM"}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def apply(server: Server) -> None:
    stock = cloudwatch._evaluate_alarm

    def evaluate(alarm: dict[str, Any]) -> None:
        # Alarms on expressions and on bands of anomalies are those of the emulator.
        if alarm.get("MetricName") and alarm.get("ComparisonOperator") in COMPARISONS:
            _evaluate(alarm)
        else:
            stock(alarm)

    cloudwatch._evaluate_alarm = evaluate


def _evaluate(alarm: dict[str, Any]) -> None:
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or ()}
    key = alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions)
    since = time.time() - alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
    points = [each for each in cloudwatch._metrics.get(key, ()) if each["Timestamp"] >= since]
    if not points:
        state = MISSING.get(alarm.get("TreatMissingData", ""))
        if state:
            _change(alarm, state, "no data points in the evaluation range")
        return
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
    if value is None:
        return
    comparison, threshold = alarm["ComparisonOperator"], alarm.get("Threshold", 0)
    breaching = COMPARISONS[comparison](value, threshold)
    reason = f"Threshold Crossed: {statistic} {value} {comparison} {threshold}"
    _change(alarm, "ALARM" if breaching else "OK", reason)


def _change(alarm: dict[str, Any], state: str, reason: str) -> None:
    before = alarm["StateValue"]
    if before == state:
        return
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
