"""Alarms and dashboard of a site."""

from collections.abc import Sequence

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.dashboard import Dashboard
from .._blocks.distribution import Distribution

_METRICS = "AWS/CloudFront"
_MAX_ERROR_PERCENT = 5


def create_site_alarms(
    alarms: Alarms, distribution: Distribution, function_name: pulumi.Output[str]
) -> None:
    """Create the alarms: errors of origins and of the CloudFront Function.

    Args:
        alarms: creates alarms in us-east-1, the region of the metrics.
        distribution: distribution of the site.
        function_name: name of the CloudFront Function.
    """
    alarms.above(
        "edge-errors",
        _MAX_ERROR_PERCENT,
        f"{_METRICS}/5xxErrorRate",
        _global(distribution),
        meaning=f"More than {_MAX_ERROR_PERCENT} % of responses of the site have a 5xx status.",
        statistic="Average",
        minutes=5,
    )
    for metric in ("FunctionExecutionErrors", "FunctionValidationErrors"):
        alarms.above(
            f"edge-{metric.removeprefix('Function').removesuffix('Errors').lower()}",
            0,
            f"{_METRICS}/{metric}",
            {"FunctionName": function_name, "Region": "Global"},
            meaning="The CloudFront Function of the pages fails, so visitors see errors.",
            entry="edge-function",
        )


def create_site_dashboard(
    name: str,
    parent: pulumi.Resource,
    distribution: Distribution,
    bucket: Bucket,
    alarm_arns: Sequence[pulumi.Input[str]],
) -> None:
    """Create the dashboard: requests, errors and traffic.

    Args:
        name: name of the component.
        parent: the component.
        distribution: distribution of the site.
        bucket: bucket of the pages; the random suffix of its name makes the dashboard's unique.
        alarm_arns: ARNs of the alarms.
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
