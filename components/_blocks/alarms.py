"""Alarms: one line each, all with the same house rules."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws

_RUNBOOK = "docs/runbook.md"


class Alarms:
    """Makes the CloudWatch alarms of one component.

    Args:
        name: name of the component; alarms are called `{name}-{what}`.
        parent: the component.
        topic_arn: SNS topic told when an alarm goes off and when it recovers; None for no one.
        region: where the metrics, and so the alarms, are. Default: the provider's.
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
        self.names: list[pulumi.Output[str]] = []
        """Names of the alarms made so far."""
        self.arns: list[pulumi.Output[str]] = []
        """ARNs of the alarms made so far, for a dashboard."""

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
        silence_is_bad: bool = False,
        entry: str = "",
    ) -> None:
        """An alarm that goes off while a metric is above `threshold`.

        Args:
            what: last part of the alarm's name.
            threshold: in the metric's own unit.
            metric: `namespace/name`: `AWS/Lambda/Errors`.
            dimensions: which resource is measured.
            meaning: one sentence for the person whom it wakes.
            statistic: how the values of a minute become one: `Sum`, `Maximum`, `p99`, ...
            minutes: how many minutes in a row it must last.
            silence_is_bad: whether a metric without values is an alarm too.
            entry: its heading in the runbook; `what` unless given.
        """
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
            comparison_operator="GreaterThanThreshold",
            threshold=threshold,
            treat_missing_data="breaching" if silence_is_bad else "notBreaching",
            alarm_actions=self._actions,
            ok_actions=self._actions,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        self.names.append(alarm.name)
        self.arns.append(alarm.arn)
