"""CloudWatch: logs, alarms, dashboards. Pulumi files EventBridge here too: see `_events.py`."""

from typing import Any

from local.creators import _events  # noqa: F401  registers the creators of buses, rules, targets
from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Created, Inputs, creates


@creates("aws:cloudwatch/logGroup:LogGroup")
def log_group(context: Context, inputs: Inputs) -> Created:
    """A log group with its retention in days."""
    name = context.named(inputs, limit=512)
    handled = ("name", "retentionInDays")
    context.call("logs", "create_log_group", inputs, handled=handled, logGroupName=name)
    if inputs.get("retentionInDays"):
        wanted = {"retentionInDays": inputs["retentionInDays"]}
        context.call("logs", "put_retention_policy", wanted, logGroupName=name)
    return name, {"name": name, "arn": context.arn("logs", f"log-group:{name}")}


@creates("aws:cloudwatch/logMetricFilter:LogMetricFilter")
def log_metric_filter(context: Context, inputs: Inputs) -> Created:
    """A metric counted from log lines."""
    name = context.named(inputs, limit=512)
    rename = {"pattern": "filterPattern"}
    for field in ("name", "namespace", "value"):
        rename[f"metricTransformation.{field}"] = f"metric{field.capitalize()}"
    context.call("logs", "put_metric_filter", inputs, rename, ("name",), filterName=name)
    return name, {"name": name}


@creates("aws:cloudwatch/metricAlarm:MetricAlarm")
def metric_alarm(context: Context, inputs: Inputs) -> Created:
    """An alarm on one metric or on an expression over several."""
    name = context.named(inputs)
    handled = ("name", "metricQueries")
    queries = {"Metrics": [_query(each) for each in inputs.get("metricQueries", [])]}
    given: dict[str, Any] = queries if queries["Metrics"] else {}
    rename = {"insufficientDataActions": "InsufficientDataActions", "okActions": "OKActions"}
    context.call("cloudwatch", "put_metric_alarm", inputs, rename, handled, AlarmName=name, **given)
    return name, {"name": name, "arn": context.arn("cloudwatch", f"alarm:{name}")}


def _query(query: Inputs) -> dict[str, Any]:
    names = {
        "id": "Id",
        "accountId": "AccountId",
        "expression": "Expression",
        "label": "Label",
        "period": "Period",
        "returnData": "ReturnData",
    }
    made = {names[key]: value for key, value in query.items() if key in names}
    metric = query.get("metric")
    if metric:
        dimensions = metric.get("dimensions", {})
        made["MetricStat"] = {
            "Metric": {
                "MetricName": metric["metricName"],
                "Dimensions": [{"Name": key, "Value": each} for key, each in dimensions.items()],
                **({"Namespace": metric["namespace"]} if metric.get("namespace") else {}),
            },
            "Period": metric["period"],
            "Stat": metric["stat"],
            **({"Unit": metric["unit"]} if metric.get("unit") else {}),
        }
    return made


@creates("aws:cloudwatch/dashboard:Dashboard")
def dashboard(context: Context, inputs: Inputs) -> Created:
    """A dashboard from its JSON."""
    name = inputs["dashboardName"]
    body = text(inputs["dashboardBody"])
    context.call("cloudwatch", "put_dashboard", {}, DashboardName=name, DashboardBody=body)
    return name, {"dashboardArn": context.arn("cloudwatch", f"dashboard/{name}", region="")}
