"""Alarms and dashboard of paid content."""

from collections.abc import Sequence

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.edge_domain import REGION
from .._blocks.table import Table
from .content import Content


def create_content_alarms(alarms: Alarms, edge: Alarms, content: Content, table: Table) -> None:
    """Create the alarms: refusals by the edge and by the API, and a KMS that does not keep up.

    Args:
        alarms: makes them in the stack's region.
        edge: makes them in the region of the edge.
        content: whose distribution.
        table: of entitlements.
    """
    own = _own(table)
    if content.distribution_id is not None:
        edge.above(
            "edge-refusals",
            20,  # percent
            "AWS/CloudFront/4xxErrorRate",
            _edge(content.distribution_id),
            statistic="Average",
            minutes=5,
            meaning="CloudFront refuses one request for content in five.",
        )
    alarms.above(
        "links-refused",
        100,
        "Colonnade/LinksRefused",
        own,
        minutes=5,
        meaning="More than 100 links a minute are asked for by people who have not paid.",
    )
    alarms.above(
        "signing-throttled",
        0,
        "Colonnade/SigningThrottled",
        own,
        minutes=3,
        meaning="KMS signs fewer links than people ask for.",
    )


def create_content_dashboard(
    name: str,
    parent: pulumi.Resource,
    content: Content,
    entitlements: Table,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Links, refusals, and what the edge serves."""
    own, dashboard = _own(entitlements), Dashboard()
    dashboard.graph("Links issued", [("Colonnade/LinksIssued", own)])
    dashboard.graph("Links refused", [("Colonnade/LinksRefused", own)])
    dashboard.graph("Signing throttled", [("Colonnade/SigningThrottled", own)])
    if content.distribution_id is not None:
        edge = _edge(content.distribution_id)
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


def _own(entitlements: Table) -> dict[str, pulumi.Input[str]]:
    return {"EntitlementsTable": entitlements.table_name}


def _edge(distribution_id: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    return {"DistributionId": distribution_id, "Region": "Global"}
