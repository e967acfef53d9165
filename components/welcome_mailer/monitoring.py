"""Alarms and dashboard of the welcome mails."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.dashboard import Dashboard
from .._blocks.function import Function
from .._blocks.stream_mapping import create_stream_alarms
from .._blocks.table import Table
from .mail_sender import MailSender

_NAMESPACE = "Colonnade"


def create_mailer_alarms(
    alarms: Alarms,
    *,
    parent: pulumi.Resource,
    welcome: Function,
    sweeper: Function,
    mapping: aws.lambda_.EventSourceMapping,
    table: Table,
) -> None:
    """Create the alarms: mails that are late, and mails that are not sent."""
    create_stream_alarms(
        alarms,
        welcome,
        mapping,
        minutes=1,
        late="Welcome mails are more than a minute behind the subscriptions.",
        failed="New subscribers are in the failures bucket and get no welcome mail.",
        entries=("welcomes-late", "welcomes-lost"),
    )
    given_up = pulumi.Output.concat("WelcomesGivenUp-", table.table_name)
    for function in (welcome, sweeper):
        _count(function, "given-up", "welcome given up", given_up, parent)
    alarms.above(
        "given-up",
        0,
        pulumi.Output.concat(f"{_NAMESPACE}/", given_up),
        {},
        entry="welcomes-lost",
        meaning="Welcome mails were given up, as SES did not accept them for too long.",
    )
    retried = pulumi.Output.concat("WelcomesLate-", table.table_name)
    _count(sweeper, "retried", "mail late", retried, parent)
    alarms.above(
        "retried",
        0,
        pulumi.Output.concat(f"{_NAMESPACE}/", retried),
        {},
        entry="welcomes-late",
        meaning="SES has not accepted mails for more than an hour.",
    )


def _count(
    function: Function,
    what: str,
    message: str,
    metric: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Count the log lines with a message as a metric."""
    aws.cloudwatch.LogMetricFilter(
        f"{function.name}-{what}",
        log_group_name=function.log_group.name,
        pattern=f'{{ $.message = "{message}" }}',
        metric_transformation={"namespace": _NAMESPACE, "name": metric, "value": "1"},
        opts=pulumi.ResourceOptions(parent=parent),
    )


def create_mailer_dashboard(
    name: str,
    *,
    parent: pulumi.Resource,
    welcome: Function,
    sweeper: Function,
    mails: MailSender,
    failures_bucket_name: pulumi.Output[str],
    alarm_arns: Sequence[pulumi.Output[str]],
) -> None:
    """Create the dashboard: reputation of the sender, invocations, errors and delay."""
    functions = [{"FunctionName": each.function_name} for each in (welcome, sweeper)]
    sent: dict[str, pulumi.Input[str]] = {
        "ses:configuration-set": mails.configuration_set.configuration_set_name
    }
    rates = [f"AWS/SES/Reputation.{kind}Rate" for kind in ("Bounce", "Complaint")]
    dashboard = Dashboard()
    dashboard.graph("Bounces, complaints", [(rate, sent) for rate in rates], statistic="Maximum")
    dashboard.graph("Invocations", [("AWS/Lambda/Invocations", each) for each in functions])
    dashboard.graph("Errors", [("AWS/Lambda/Errors", each) for each in functions])
    dashboard.graph(
        "Behind the stream (ms)", [("AWS/Lambda/IteratorAge", functions[0])], statistic="Maximum"
    )
    dashboard.create(name, parent, welcome.arn, failures_bucket_name, alarm_arns)
