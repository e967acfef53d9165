"""WelcomeMailer: each new subscriber of a table gets one welcome mail."""

import json
import re
from collections.abc import Mapping
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.dashboard import Dashboard
from .._blocks.function import Function, FunctionsArgs, check_functions
from .._blocks.table import Table
from .._blocks.validate import Problems
from ..event_consumer import EventConsumer
from .mail_sender import EVENTS, MailSender
from .texts import MailTextArgs, default_texts

DUE_INDEX = "welcomes-due"
DUE_KEYS = {"pending": "S", "dueAt": "N"}
"""Index that the table must have: of the markers that are open."""

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")


class WelcomeMailerArgs(TypedDict):
    table_arn: pulumi.Input[str]
    """ARN of the table of subscribers, in its home region: keys `pk` and `sk`, index
    `welcomes-due` (`pending`, number `dueAt`, all attributes). See `PublicBlog`."""
    stream_arn: pulumi.Input[str]
    """ARN of that table's stream, with new images."""
    api_url: pulumi.Input[str]
    """Base URL of the API whose `/subscriptions/{id}/unsubscribe` the mails link to."""
    site_url: str
    """Address of the blog, for the mail's text."""
    title: str
    """Name of the blog: who the mails are from, and in their text."""
    from_address: str
    """Address that the mails are from: `hello@example.com`."""
    identity_arn: NotRequired[pulumi.Input[str]]
    """ARN of a verified SES identity that holds `from_address`, best a domain with DKIM.
    Default: a new one of the address, which SES asks to confirm by mail."""
    texts: NotRequired[Mapping[str, MailTextArgs]]
    """The mail by language; the first stands in for other languages. Default: English, German."""
    retry_after_minutes: NotRequired[int]
    """How long SES has to report a mail as sent before it counts as not sent, 5 to 1440.
    Default: 15."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether bucket and tables refuse to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class WelcomeMailer(pulumi.ComponentResource):
    """Stream -> Lambda -> SES, with a marker by which no one is mailed twice.

    Default settings: a role that may send from the one address only; claims before sending; SES's
    own reports close what ended without an answer, and suppress addresses that bounce or complain;
    capped retries with a failure store; alarms on bounce and complaint rates; a dashboard.
    """

    configuration_set_name: pulumi.Output[str]
    """Name of the SES configuration set."""
    identity_arn: pulumi.Output[str]
    """ARN of the SES identity."""
    failures_bucket_name: pulumi.Output[str]
    """Bucket of the stream records that could not be handled."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the function that tries again."""
    feedback_dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of SES's reports that could not be handled."""

    def __init__(
        self, name: str, args: WelcomeMailerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:WelcomeMailer", name, {}, opts)
        _check(name, args)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))
        self._table = Table(
            f"{name}-table",
            parent=self,
            keys={},
            retain=True,
            adopt=args["table_arn"],
            adopt_stream=args["stream_arn"],
        )
        self._failures = Bucket(
            f"{name}-failures", parent=self, retain=args.get("retain_data", True)
        )
        self._mails = MailSender(
            f"{name}-mail",
            parent=self,
            from_address=args["from_address"],
            identity_arn=args.get("identity_arn"),
            texts=self._texts(),
            alarms=self._alarms,
        )
        welcome = self._create_welcome()
        sweeper = self._create_sweeper()
        feedback = self._create_feedback()
        self._create_alarms(welcome, sweeper)
        self._create_dashboard(welcome, sweeper)
        outputs = {
            "configuration_set_name": self._mails.configuration_set.configuration_set_name,
            "identity_arn": self._mails.identity_arn,
            "failures_bucket_name": self._failures.bucket_name,
            "sweeper_function_name": sweeper.function_name,
            "feedback_dead_letter_queue_url": feedback.dead_letter_queue_url,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _texts(self) -> Mapping[str, MailTextArgs]:
        return self._args.get("texts", default_texts(self._args["title"]))

    def _create_welcome(self) -> Function:
        reads = allow(
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            self._table.stream_arn,
        )
        # Listing streams has no resource-level permission.
        lists = allow(["dynamodb:ListStreams"], "*")
        # Lambda writes to the failure store by the function's own role, below this prefix.
        discards = [self._failures.grant_write("aws/lambda/"), self._failures.grant_list()]
        function = self._function("welcome", {"statements": [reads, lists, *discards]})
        self._mapping = aws.lambda_.EventSourceMapping(
            f"{self._name}-welcome-mapping",
            event_source_arn=self._table.stream_arn,
            function_name=function.arn,
            starting_position="TRIM_HORIZON",
            filter_criteria={"filters": [{"pattern": _NEW_SUBSCRIBER}]},
            batch_size=25,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=5,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": self._failures.arn}},
            metrics_config={"metrics": ["EventCount"]},
            opts=self._opts,
        )
        return function

    def _create_sweeper(self) -> Function:
        index = pulumi.Output.concat(self._table.arn, "/index/", DUE_INDEX)
        reads: AccessArgs = {
            "statements": [self._table.grant("GetItem"), allow(["dynamodb:Query"], index)]
        }
        function = self._function("sweeper", reads)
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-sweeper-schedule", schedule_expression="rate(1 minute)", opts=self._opts
        )
        permission = function.grant_invoke("schedule", "events.amazonaws.com", rule.arn)
        aws.cloudwatch.EventTarget(
            f"{self._name}-sweeper-target",
            rule=rule.name,
            arn=function.arn,
            # The next run comes in a minute: a late one would only add to it.
            retry_policy={"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[permission])
            ),
        )
        return function

    def _create_feedback(self) -> EventConsumer:
        access: AccessArgs = {
            "environment": {
                "BLOG_TABLE": self._table.table_name,
                "CONFIGURATION_SET": self._mails.configuration_set.configuration_set_name,
            },
            "statements": [self._table.grant("UpdateItem")],
        }
        return EventConsumer(
            f"{self._name}-feedback",
            {
                "event_bus_name": "default",
                "event_source": "aws.ses",
                "detail_types": list(EVENTS.values()),
                "code": "welcome_mailer/feedback",
                "libraries": [*("aws_clients", "environment", "partial_batch", "subscribers")],
                "access": [access],
                "functions": self._args.get("functions", {}),
                "retain_data": self._args.get("retain_data", True),
                "alarm_topic_arn": self._args.get("alarm_topic_arn"),
            },
            self._opts,
        )

    def _function(self, role: str, access: AccessArgs) -> Function:
        title, address = self._args["title"], self._args["from_address"]
        templates = {language: each.name for language, each in self._mails.templates.items()}
        sending: AccessArgs = {
            "environment": {
                "BLOG_TABLE": self._table.table_name,
                "FROM_ADDRESS": f'"{title}" <{address}>',
                "CONFIGURATION_SET": self._mails.configuration_set.configuration_set_name,
                "TEMPLATES": pulumi.Output.json_dumps(templates),
                "API_URL": self._args["api_url"],
                "SITE_URL": self._args["site_url"],
                "RETRY_AFTER_SECONDS": str(60 * int(self._args.get("retry_after_minutes", 15))),
            },
            "statements": [self._mails.grant_send(), self._table.grant("PutItem", "UpdateItem")],
        }
        return Function(
            f"{self._name}-{role}",
            f"welcome_mailer/{role}",
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            libraries=["aws_clients", "environment", "partial_batch", "subscribers"],
            access=[sending, access],
            timeout=60,
        )

    def _create_alarms(self, *functions: Function) -> None:
        self._alarms.above(
            "iterator-age",
            60_000,
            "AWS/Lambda/IteratorAge",
            {"FunctionName": functions[0].function_name},
            statistic="Maximum",
            minutes=3,
            entry="welcomes-late",
            meaning="Welcome mails are more than a minute behind the subscriptions.",
        )
        self._alarms.above(
            "failure-store",
            0,
            "AWS/Lambda/OnFailureDestinationDeliveredEventCount",
            {"EventSourceMappingUUID": self._mapping.uuid},
            entry="welcomes-lost",
            meaning="New subscribers went to the failure store and get no welcome mail.",
        )
        given_up = pulumi.Output.concat("WelcomesGivenUp-", self._table.table_name)
        for function in functions:
            aws.cloudwatch.LogMetricFilter(
                f"{function.name}-given-up",
                log_group_name=function.log_group.name,
                pattern='{ $.message = "welcome given up" }',
                metric_transformation={"namespace": "Colonnade", "name": given_up, "value": "1"},
                opts=self._opts,
            )
        self._alarms.above(
            "given-up",
            0,
            pulumi.Output.concat("Colonnade/", given_up),
            {},
            entry="welcomes-lost",
            meaning="SES refused welcome mails again and again.",
        )

    def _create_dashboard(self, welcome: Function, sweeper: Function) -> None:
        names = [{"FunctionName": each.function_name} for each in (welcome, sweeper)]
        mails: dict[str, pulumi.Input[str]] = {
            "ses:configuration-set": self._mails.configuration_set.configuration_set_name
        }
        dashboard = Dashboard()
        rates = [f"AWS/SES/Reputation.{kind}Rate" for kind in ("Bounce", "Complaint")]
        dashboard.graph("Bounces, complaints", [(r, mails) for r in rates], statistic="Maximum")
        dashboard.graph("Runs", [("AWS/Lambda/Invocations", each) for each in names])
        dashboard.graph("Errors", [("AWS/Lambda/Errors", each) for each in names])
        dashboard.graph(
            "Behind the stream (ms)", [("AWS/Lambda/IteratorAge", names[0])], statistic="Maximum"
        )
        dashboard.create(
            f"{self._name}-dashboard",
            self,
            welcome.arn,
            self._failures.bucket_name,
            self._alarms.arns,
        )


_NEW_SUBSCRIBER = json.dumps(
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"sk": {"S": ["subscriber"]}}}}
)


def check_mails(problems: Problems, args: Mapping[str, object]) -> None:
    """Check the arguments about mails that `WelcomeMailer` and `PublicBlog` share."""
    address, title = str(args.get("from_address", "")), str(args.get("title", ""))
    is_address = _ADDRESS.fullmatch(address) is not None
    problems.that(is_address, "from_address", f"'{address}' is no address like hello@example.com")
    plain = bool(title) and title.isprintable() and not set(title) & set('"\\<>{}')
    problems.that(plain, "title", "give a name in one line without quotes, brackets and braces")
    problems.between(args, "retry_after_minutes", 5, 1440, "minutes")
    texts = args.get("texts")
    for language, text in (texts if isinstance(texts, Mapping) else {}).items():
        where = f"texts.{language}"
        problems.unknown(text, MailTextArgs.__annotations__)
        for form in ("text", "html"):
            linked = "{{unsubscribeUrl}}" in text.get(form, "")
            problems.that(linked, where, f"'{form}' has no {{{{unsubscribeUrl}}}}")
        problems.that(bool(text.get("subject")), where, "'subject' is missing")


def _check(name: str, args: WelcomeMailerArgs) -> None:
    problems = Problems("WelcomeMailer", name)
    problems.unknown(args, WelcomeMailerArgs.__annotations__)
    for key in ("table_arn", "stream_arn", "api_url", "site_url"):
        problems.that(key in args, key, "is missing")
    check_mails(problems, dict(args))
    check_functions(problems, args.get("functions", {}))
    problems.report()
