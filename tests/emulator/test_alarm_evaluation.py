"""Alarms read the metric with their own dimensions, and end when there are no data points."""

from tests.emulator.cloud import until


def state(cloud, name: str) -> str:
    found = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found[0]["StateValue"]


def raise_for(cloud, group: str, period: int = 60) -> None:
    """Create an alarm on the errors of a group."""
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=group,
        Namespace="Shop",
        MetricName="Errors",
        Dimensions=[{"Name": "Group", "Value": group}],
        Statistic="Sum",
        Period=period,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def put(cloud, group: str, value: float) -> None:
    dimensions = [{"Name": "Group", "Value": group}]
    datum = {"MetricName": "Errors", "Dimensions": dimensions, "Value": value}
    cloud.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[datum])


def test_an_alarm_reads_its_own_dimensions(cloud):
    raise_for(cloud, "blue")
    raise_for(cloud, "green")
    put(cloud, "blue", 0)
    put(cloud, "green", 3)
    assert (state(cloud, "blue"), state(cloud, "green")) == ("OK", "ALARM")


def test_an_alarm_ends_when_its_data_points_are_too_old(cloud):
    raise_for(cloud, "blue", period=1)

    def put_until(wanted: str, group: str) -> None:
        def reached() -> bool:
            put(cloud, group, 3)
            return state(cloud, "blue") == wanted

        until(reached)

    put_until("ALARM", "blue")
    # Data points of others evaluate it again.
    put_until("OK", "green")


def test_stock_joins_all_dimensions(stock):
    raise_for(stock, "blue")
    put(stock, "green", 3)
    assert state(stock, "blue") == "ALARM"
