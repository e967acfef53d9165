"""CloudWatch logs, alarms and dashboards. EventBridge, also here in Pulumi, is in `_events.py`."""

from local.creators import (  # registers buses, rules and targets
    _default_bus,  # noqa: F401
    _events,  # noqa: F401
)
from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, overwrite


def _update_retention(context: Context, name: str, inputs: Inputs) -> Outputs:
    _set_retention(context, name, inputs)
    return {}


@creates(
    "aws:cloudwatch/logGroup:LogGroup",
    update=Update(_update_retention, replaced_by=("name",), changes=("retentionInDays",)),
    delete=Call("logs", "delete_log_group", logGroupName="name"),
)
def log_group(context: Context, inputs: Inputs) -> Created:
    """A log group with its retention in days."""
    name = context.named(inputs, limit=512)
    handled = ("name", "retentionInDays")
    context.call("logs", "create_log_group", inputs, handled=handled, logGroupName=name)
    _set_retention(context, name, inputs)
    return name, {"name": name, "arn": context.arn("logs", f"log-group:{name}")}


def _set_retention(context: Context, group: str, inputs: Inputs) -> None:
    """Sets the retention of a log group."""
    if inputs.get("retentionInDays"):
        wanted = {"retentionInDays": inputs["retentionInDays"]}
        context.call("logs", "put_retention_policy", wanted, logGroupName=group)


@creates(
    "aws:cloudwatch/logStream:LogStream",
    delete=Call("logs", "delete_log_stream", logGroupName="logGroupName", logStreamName="name"),
)
def log_stream(context: Context, inputs: Inputs) -> Created:
    """A stream of a log group."""
    name, group = context.named(inputs, limit=512), inputs["logGroupName"]
    context.call("logs", "create_log_stream", {}, logGroupName=group, logStreamName=name)
    return name, {
        "name": name,
        "arn": context.arn("logs", f"log-group:{group}:log-stream:{name}"),
    }


@creates(
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    update=overwrite("name", "logGroupName"),
    delete=Call("logs", "delete_metric_filter", logGroupName="logGroupName", filterName="name"),
)
def log_metric_filter(context: Context, inputs: Inputs) -> Created:
    """A metric filter on log lines."""
    name = context.named(inputs, limit=512)
    rename = {"pattern": "filterPattern"}
    for field in ("name", "namespace", "value"):
        rename[f"metricTransformation.{field}"] = f"metric{field.capitalize()}"
    context.call("logs", "put_metric_filter", inputs, rename, ("name",), filterName=name)
    return name, {"name": name}


def _delete_alarm(context: Context, name: str, _state: Outputs) -> None:
    context.client("cloudwatch").delete_alarms(AlarmNames=[name])


@creates("aws:cloudwatch/metricAlarm:MetricAlarm", update=overwrite("name"), delete=_delete_alarm)
def metric_alarm(context: Context, inputs: Inputs) -> Created:
    """An alarm on one metric or on an expression over several."""
    name = context.named(inputs)
    queries = [_query(each) for each in inputs.get("metricQueries", [])]
    wanted = {**inputs, "metrics": queries or None}
    handled = ("name", "metricQueries")
    if queries:
        context.note(
            f"{context.type}: argument metricQueries, so the alarm never changes its state"
        )
    context.call("cloudwatch", "put_metric_alarm", wanted, handled=handled, AlarmName=name)
    return name, {"name": name, "arn": context.arn("cloudwatch", f"alarm:{name}")}


def _query(query: Inputs) -> Inputs:
    metric = query.get("metric")
    if not metric:
        return query
    what = {key: metric.get(key) for key in ("metricName", "namespace", "dimensions")}
    how = {key: metric.get(key) for key in ("period", "stat", "unit")}
    return {**query, "metric": None, "metricStat": {"metric": what, **how}}


def _delete_dashboard(context: Context, name: str, _state: Outputs) -> None:
    context.client("cloudwatch").delete_dashboards(DashboardNames=[name])


@creates(
    "aws:cloudwatch/dashboard:Dashboard",
    update=overwrite("dashboardName"),
    delete=_delete_dashboard,
)
def dashboard(context: Context, inputs: Inputs) -> Created:
    """A dashboard from its JSON."""
    name = inputs["dashboardName"]
    body = text(inputs["dashboardBody"])
    context.call("cloudwatch", "put_dashboard", {}, DashboardName=name, DashboardBody=body)
    return name, {"dashboardArn": context.arn("cloudwatch", f"dashboard/{name}", region="")}
