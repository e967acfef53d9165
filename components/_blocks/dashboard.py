"""Dashboard: graphs of a component's metrics, and its alarms, on one CloudWatch page."""

from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

_WIDTH, _HEIGHT = 8, 6  # three graphs a row: the grid is 24 wide


class Dashboard:
    """Collects the graphs of one CloudWatch dashboard."""

    def __init__(self) -> None:
        self._graphs: list[tuple[str, str, list[object], Optional[str]]] = []

    def graph(
        self,
        title: str,
        metrics: Sequence[tuple[pulumi.Input[str], Mapping[str, pulumi.Input[str]]]],
        statistic: str = "Sum",
        region: Optional[str] = None,
    ) -> None:
        """Add a graph.

        Args:
            title: its heading.
            metrics: `namespace/name` and dimensions of each line.
            statistic: how the values of a minute become one.
            region: where the metrics are, if not in the region of the component.
        """
        lines: list[object] = []
        for metric, dimensions in metrics:
            path = pulumi.Output.from_input(metric).apply(lambda path: path.rsplit("/", 1))
            pairs = [part for pair in dimensions.items() for part in pair]
            lines.append([path[0], path[1], *pairs])
        self._graphs.append((title, statistic, lines, region))

    def create(
        self,
        name: str,
        parent: pulumi.Resource,
        arn: pulumi.Output[str],
        unique: pulumi.Output[str],
        alarm_arns: Sequence[pulumi.Input[str]],
    ) -> aws.cloudwatch.Dashboard:
        """Create the dashboard; the alarms stand below the graphs.

        Args:
            name: what the dashboard is called.
            parent: the component it belongs to.
            arn: of some resource of the component, for the region of the graphs.
            unique: its physical name: the random end keeps apart the dashboards of two stacks, as
                Pulumi names none.
            alarm_arns: the component's alarms.
        """
        home = arn.apply(lambda arn: arn.split(":")[3])
        suffix = unique.apply(lambda physical: physical.rsplit("-", 1)[-1])
        widgets: list[object] = [
            {
                "type": "metric",
                "x": number % 3 * _WIDTH,
                "y": number // 3 * _HEIGHT,
                "width": _WIDTH,
                "height": _HEIGHT,
                "properties": {
                    "title": title,
                    "metrics": lines,
                    "stat": statistic,
                    "period": 60,
                    "region": region or home,
                },
            }
            for number, (title, statistic, lines, region) in enumerate(self._graphs)
        ]
        widgets.append(
            {
                "type": "alarm",
                "x": 0,
                "y": (len(self._graphs) + 2) // 3 * _HEIGHT,
                "width": 24,
                "height": 4,
                "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
            }
        )
        return aws.cloudwatch.Dashboard(
            name,
            dashboard_name=pulumi.Output.concat(name, "-", suffix),
            dashboard_body=pulumi.Output.json_dumps({"widgets": widgets}),
            opts=pulumi.ResourceOptions(parent=parent),
        )
