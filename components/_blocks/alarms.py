"""The CloudWatch alarms of a component."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws

_RUNBOOK = "docs/runbook.md"


class Alarms:
    """Creates the CloudWatch alarms of a component.

    Args:
        name: name of the component; alarms are named `{name}-{what}`.
        parent: the component.
        topic_arn: ARN of the SNS topic to notify when an alarm starts or ends; None for none.
        region: region of the metrics and the alarms. Default: the provider's.
    """

    def __init__(
        self,
        name: str,
        parent: pulumi.Resource,
        topic_arn: Optional[pulumi.Input[str]],
        region: Optional[str] = None,
    ) -> None:
        self.name, self._region = name, region
        self._parent = parent
        self._actions = [] if topic_arn is None else [topic_arn]
        self.arns: list[pulumi.Output[str]] = []
        """ARNs of the alarms created so far, for a dashboard."""

    def above(
        self,
        what: str,
        threshold: float,
        metric: pulumi.Input[str],
        dimensions: Mapping[str, pulumi.Input[str]],
        *,
        meaning: str,
        statistic: str = "Sum",
        minutes: int = 1,
        missing_is_breaching: bool = False,
        entry: str = "",
    ) -> pulumi.Output[str]:
        """Create an alarm on a metric that exceeds a threshold. Return its name.

        Args:
            what: last part of the alarm's name.
            threshold: threshold in the unit of the metric.
            metric: namespace and name of the metric: `AWS/Lambda/Errors`.
            dimensions: dimensions of the metric.
            meaning: one sentence that explains the alarm.
            statistic: statistic over a minute: `Sum`, `Maximum`, `p99`, ...
            minutes: number of consecutive minutes above the threshold.
            missing_is_breaching: whether missing data is treated as breaching.
            entry: heading in the runbook. Default: `what`.
        """
        return self._create(
            what,
            "GreaterThanThreshold",
            threshold,
            metric,
            dimensions,
            meaning=meaning,
            statistic=statistic,
            minutes=minutes,
            missing_is_breaching=missing_is_breaching,
            entry=entry,
        )

    def below(
        self,
        what: str,
        threshold: float,
        metric: pulumi.Input[str],
        dimensions: Mapping[str, pulumi.Input[str]],
        *,
        meaning: str,
        statistic: str = "Minimum",
        minutes: int = 1,
        missing_is_breaching: bool = False,
        entry: str = "",
    ) -> pulumi.Output[str]:
        """Create an alarm on a metric that falls below a threshold; otherwise as `above`."""
        return self._create(
            what,
            "LessThanThreshold",
            threshold,
            metric,
            dimensions,
            meaning=meaning,
            statistic=statistic,
            minutes=minutes,
            missing_is_breaching=missing_is_breaching,
            entry=entry,
        )

    def low_under_load(
        self,
        what: str,
        threshold: float,
        metric: str,
        dimensions: Mapping[str, pulumi.Input[str]],
        *,
        load: str,
        min_load: int,
        meaning: str,
    ) -> None:
        """Create an alarm on a rate that is low for three periods of five minutes.

        It stays silent while there are few requests, whose rate says nothing.

        Args:
            what: last part of the alarm's name, and heading in the runbook.
            threshold: threshold in the unit of the metric.
            metric: namespace and name of the rate: `AWS/CloudFront/CacheHitRate`.
            dimensions: dimensions of both metrics.
            load: namespace and name of the number of requests: `AWS/CloudFront/Requests`.
            min_load: minimum number of requests in five minutes.
            meaning: one sentence that explains the alarm.
        """

        def query(key: str, path: str, statistic: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
            namespace, _, name = path.rpartition("/")
            return aws.cloudwatch.MetricAlarmMetricQueryArgs(
                id=key,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace,
                    metric_name=name,
                    dimensions=dimensions,
                    period=300,
                    stat=statistic,
                ),
                return_data=False,
            )

        expression = aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id="under_load",
            expression=f"IF(load >= {min_load}, rate)",
            label=metric.rpartition("/")[2],
            return_data=True,
        )
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self.name}-{what}",
            alarm_description=f"{meaning} What to do: {_RUNBOOK}#{what}",
            metric_queries=[
                query("rate", metric, "Average"),
                query("load", load, "Sum"),
                expression,
            ],
            evaluation_periods=3,
            comparison_operator="LessThanThreshold",
            threshold=threshold,
            treat_missing_data="notBreaching",
            alarm_actions=self._actions,
            ok_actions=self._actions,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        self.arns.append(alarm.arn)

    def _create(
        self,
        what: str,
        comparison: str,
        threshold: float,
        metric: pulumi.Input[str],
        dimensions: Mapping[str, pulumi.Input[str]],
        *,
        meaning: str,
        statistic: str,
        minutes: int,
        missing_is_breaching: bool,
        entry: str,
    ) -> pulumi.Output[str]:
        path = pulumi.Output.from_input(metric).apply(lambda path: path.rsplit("/", 1))
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self.name}-{what}",
            alarm_description=f"{meaning} What to do: {_RUNBOOK}#{entry or what}",
            namespace=path[0],
            metric_name=path[1],
            dimensions=dimensions,
            statistic=None if statistic.startswith("p") else statistic,
            extended_statistic=statistic if statistic.startswith("p") else None,
            period=60,
            evaluation_periods=minutes,
            comparison_operator=comparison,
            threshold=threshold,
            treat_missing_data="breaching" if missing_is_breaching else "notBreaching",
            alarm_actions=self._actions,
            ok_actions=self._actions,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        self.arns.append(alarm.arn)
        return alarm.name
