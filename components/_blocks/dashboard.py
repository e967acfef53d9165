"""Dashboard: a CloudWatch dashboard with the graphs and alarms of a component."""

from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

_WIDTH, _HEIGHT = 8, 6  # three graphs per row: the grid has 24 columns


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
            title: heading of the graph.
            metrics: `namespace/name` and dimensions of each metric.
            statistic: statistic over a minute.
            region: region of the metrics. Default: the region of the component.
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
        """Create the dashboard, with the alarms below the graphs.

        Args:
            name: prefix of the dashboard's name.
            parent: the component it belongs to.
            arn: ARN of a resource of the component, for the region of the graphs.
            unique: physical name of that resource. Its random suffix makes the dashboard's name
                unique, since Pulumi adds none.
            alarm_arns: ARNs of the component's alarms.
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
