"""Puts the metrics of the alarms and the dashboard."""

from embedded_metrics import put_metrics

__all__ = ["ISSUED", "REFUSED", "THROTTLED", "count"]

ISSUED, REFUSED, THROTTLED = "LinksIssued", "LinksRefused", "SigningThrottled"


def count(metric: str, table: str) -> None:
    """Add one to a metric of the entitlements table."""
    put_metrics({"EntitlementsTable": table}, {metric: 1})
