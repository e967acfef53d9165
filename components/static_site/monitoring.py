"""SiteWatch: alarms and dashboard of a site at the edge."""

from collections.abc import Sequence

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.dashboard import Dashboard
from .._blocks.distribution import Distribution

_METRICS = "AWS/CloudFront"
_ERRORS_PERCENT = 5


def create_site_alarms(
    alarms: Alarms, distribution: Distribution, function_name: pulumi.Output[str]
) -> None:
    """Alarms on errors of origins and of the function at the edge.

    Args:
        alarms: of us-east-1, where the metrics are.
        distribution: what serves the site.
        function_name: the function that sees each request of a page.
    """
    alarms.above(
        "edge-errors",
        _ERRORS_PERCENT,
        f"{_METRICS}/5xxErrorRate",
        _global(distribution),
        meaning=f"Over {_ERRORS_PERCENT} % of requests to the site end with a 5xx status.",
        statistic="Average",
        minutes=5,
    )
    for metric in ("FunctionExecutionErrors", "FunctionValidationErrors"):
        alarms.above(
            f"edge-{metric.removeprefix('Function').removesuffix('Errors').lower()}",
            0,
            f"{_METRICS}/{metric}",
            {"FunctionName": function_name, "Region": "Global"},
            meaning="The function at the edge fails, so visitors see errors.",
            entry="edge-function",
        )


def create_site_dashboard(
    name: str,
    parent: pulumi.Resource,
    distribution: Distribution,
    bucket: Bucket,
    alarm_arns: Sequence[pulumi.Input[str]],
) -> None:
    """One page with requests, errors and traffic.

    Args:
        name: of the component.
        parent: the component.
        distribution: what serves the site.
        bucket: of the pages; the random end of its name keeps dashboards apart.
        alarm_arns: the alarms.
    """
    dashboard = Dashboard()
    dimensions = _global(distribution)
    dashboard.graph("Requests", [(f"{_METRICS}/Requests", dimensions)])
    dashboard.graph("Traffic", [(f"{_METRICS}/BytesDownloaded", dimensions)])
    dashboard.graph(
        "Errors, percent",
        [(f"{_METRICS}/{each}ErrorRate", dimensions) for each in ("4xx", "5xx")],
        "Average",
    )
    region = pulumi.Output.from_input("arn:aws:cloudfront:us-east-1:")
    dashboard.create(f"{name}-dashboard", parent, region, bucket.bucket_name, alarm_arns)


def _global(distribution: Distribution) -> dict[str, pulumi.Input[str]]:
    return {"DistributionId": distribution.id, "Region": "Global"}
