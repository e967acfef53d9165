"""A rule without targets counts its events."""

import json
from datetime import UTC, datetime, timedelta

from tests.emulator.cloud import until


def matched(cloud) -> list[float]:
    """Send two events, of which one matches a rule, and return the data points of its metric."""
    events, watch = cloud.client("events"), cloud.client("cloudwatch")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["orders"]}))
    watch.put_metric_alarm(
        AlarmName="orders",
        Namespace="AWS/Events",
        MetricName="TriggeredRules",
        Dimensions=[{"Name": "RuleName", "Value": "orders"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        TreatMissingData="notBreaching",
    )
    events.put_events(
        Entries=[
            {"Source": source, "DetailType": "made", "Detail": "{}"}
            for source in ("orders", "others")
        ]
    )
    now = datetime.now(UTC)
    found = watch.get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="TriggeredRules",
        Dimensions=[{"Name": "RuleName", "Value": "orders"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Sum"],
    )
    return [each["Sum"] for each in found["Datapoints"]]


def test_an_event_counts_and_raises_an_alarm(cloud):
    assert sum(matched(cloud)) == 1

    def state() -> bool:
        [alarm] = cloud.client("cloudwatch").describe_alarms(AlarmNames=["orders"])["MetricAlarms"]
        return alarm["StateValue"] == "ALARM"

    until(state)


def test_stock_counts_nothing(stock):
    assert matched(stock) == []
