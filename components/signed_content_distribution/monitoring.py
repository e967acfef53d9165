"""Alarms and dashboard of SignedContentDistribution."""

from collections.abc import Sequence

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.edge_domain import REGION
from .._blocks.table import Table
from .content import Content


def create_content_alarms(
    alarms: Alarms, edge_alarms: Alarms, content: Content, entitlements: Table
) -> None:
    """Create the alarms: requests that CloudFront or the API refuses, and throttling by KMS.

    Args:
        alarms: creates alarms in the stack's region.
        edge_alarms: creates alarms in the region of CloudFront's metrics.
        content: the content, for its distribution.
        entitlements: the table of entitlements.
    """
    own = _own_dimensions(entitlements)
    if content.distribution_id is not None:
        edge_alarms.above(
            "edge-refusals",
            20,  # percent
            "AWS/CloudFront/4xxErrorRate",
            _edge_dimensions(content.distribution_id),
            statistic="Average",
            minutes=5,
            meaning="CloudFront refuses more than 20 % of the requests for content.",
        )
    alarms.above(
        "links-refused",
        100,
        "Colonnade/LinksRefused",
        own,
        minutes=5,
        meaning="More than 100 links a minute are requested by users who have not paid.",
    )
    alarms.above(
        "signing-throttled",
        0,
        "Colonnade/SigningThrottled",
        own,
        minutes=3,
        meaning="KMS throttles the signing of links.",
    )


def create_content_dashboard(
    name: str,
    parent: pulumi.Resource,
    content: Content,
    entitlements: Table,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Create the dashboard: issued links, refused links, and requests to CloudFront."""
    own, dashboard = _own_dimensions(entitlements), Dashboard()
    dashboard.graph("Links issued", [("Colonnade/LinksIssued", own)])
    dashboard.graph("Links refused", [("Colonnade/LinksRefused", own)])
    dashboard.graph("Signing throttled", [("Colonnade/SigningThrottled", own)])
    if content.distribution_id is not None:
        edge = _edge_dimensions(content.distribution_id)
        dashboard.graph("Requests at the edge", [("AWS/CloudFront/Requests", edge)], region=REGION)
        dashboard.graph(
            "Errors at the edge (%)",
            [(f"AWS/CloudFront/{kind}xxErrorRate", edge) for kind in "45"],
            statistic="Average",
            region=REGION,
        )
        dashboard.graph("Bytes served", [("AWS/CloudFront/BytesDownloaded", edge)], region=REGION)
    unique = entitlements.table_name
    dashboard.create(f"{name}-dashboard", parent, entitlements.arn, unique, alarm_arns)


def _own_dimensions(entitlements: Table) -> dict[str, pulumi.Input[str]]:
    return {"EntitlementsTable": entitlements.table_name}


def _edge_dimensions(distribution_id: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    return {"DistributionId": distribution_id, "Region": "Global"}
