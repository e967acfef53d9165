"""What the alarms and the dashboard count."""

import json
import time

__all__ = ["ISSUED", "REFUSED", "THROTTLED", "count"]

ISSUED, REFUSED, THROTTLED = "LinksIssued", "LinksRefused", "SigningThrottled"


def count(metric: str, table: str) -> None:
    """Count one in CloudWatch's embedded metric format, by the table of entitlements.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": "Colonnade",
        "Dimensions": [["EntitlementsTable"]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "EntitlementsTable": table,
        metric: 1,
    }
    print(json.dumps(line), flush=True)
