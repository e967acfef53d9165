"""Alarms and dashboard of EdgeCache."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.distribution import Distribution

_METRICS = "AWS/CloudFront"
_MAX_ERROR_PERCENT = 5
_MIN_REQUESTS = 1000


def create_edge_alarms(alarms: Alarms, distribution: Distribution, min_hit_percent: int) -> None:
    """Create the alarms: errors of the origin, and a low hit rate.

    Args:
        alarms: creates alarms in us-east-1, the region of the metrics.
        distribution: the distribution.
        min_hit_percent: minimum hit rate; 0 for no alarm.
    """
    alarms.above(
        "edge-errors",
        _MAX_ERROR_PERCENT,
        f"{_METRICS}/5xxErrorRate",
        _global(distribution),
        meaning=f"More than {_MAX_ERROR_PERCENT} % of the responses have a 5xx status.",
        statistic="Average",
        minutes=5,
    )
    if min_hit_percent:
        alarms.low_under_load(
            "edge-hit-rate",
            min_hit_percent,
            f"{_METRICS}/CacheHitRate",
            _global(distribution),
            load=f"{_METRICS}/Requests",
            min_load=_MIN_REQUESTS,
            meaning=f"Less than {min_hit_percent} % of the requests are answered from the cache.",
        )


def create_edge_metrics(name: str, distribution: Distribution, *, parent: pulumi.Resource) -> None:
    """Turn on the additional metrics of a distribution, which the hit rate is one of."""
    aws.cloudfront.MonitoringSubscription(
        f"{name}-metrics",
        distribution_id=distribution.id,
        monitoring_subscription={
            "realtime_metrics_subscription_config": {
                "realtime_metrics_subscription_status": "Enabled"
            }
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )


def create_edge_dashboard(
    name: str,
    parent: pulumi.Resource,
    distribution: Distribution,
    alarm_arns: Sequence[pulumi.Input[str]],
    *,
    additional: bool,
) -> None:
    """Create the dashboard: requests, traffic, errors; hit rate and latency of the origin.

    Args:
        name: name of the component.
        parent: the component.
        distribution: the distribution.
        alarm_arns: ARNs of the alarms.
        additional: whether the distribution has the additional metrics.
    """
    dashboard, dimensions = Dashboard(), _global(distribution)
    dashboard.graph("Requests", [(f"{_METRICS}/Requests", dimensions)])
    dashboard.graph("Traffic", [(f"{_METRICS}/BytesDownloaded", dimensions)])
    dashboard.graph(
        "Errors, percent",
        [(f"{_METRICS}/{each}ErrorRate", dimensions) for each in ("4xx", "5xx")],
        "Average",
    )
    if additional:
        dashboard.graph("Hit rate, percent", [(f"{_METRICS}/CacheHitRate", dimensions)], "Average")
        dashboard.graph(
            "Latency of the origin, ms", [(f"{_METRICS}/OriginLatency", dimensions)], "Average"
        )
    region = pulumi.Output.from_input("arn:aws:cloudfront:us-east-1:")
    dashboard.create(f"{name}-dashboard", parent, region, distribution.id, alarm_arns)


def _global(distribution: Distribution) -> dict[str, pulumi.Input[str]]:
    return {"DistributionId": distribution.id, "Region": "Global"}
