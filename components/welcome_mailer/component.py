"""WelcomeMailer: asks to confirm subscriptions, and sends one welcome mail to each subscriber."""

import json
from collections.abc import Mapping
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Limit, Matches, Problems, declare, resolve
from .._blocks.bucket import Bucket
from .._blocks.function import Function, FunctionsArgs
from .._blocks.schedule import create_daily_schedule, create_minute_schedule
from .._blocks.stream_mapping import create_stream_mapping, grant_table_stream
from .._blocks.table import Index, Table
from ..event_consumer import EventConsumer
from .mail_sender import EVENTS, MailSender
from .monitoring import create_mailer_alarms, create_mailer_dashboard
from .texts import MailTextArgs, check_texts, confirmation_texts, default_texts

DUE_INDEX = Index("welcomes-due", {"pending": "S", "dueAt": "N"}, "ALL")
"""Index of the table of subscribers, with the mails that are not sent yet."""

_REQUESTS_AND_SUBSCRIBERS = json.dumps(
    {
        # A request for a mailbox replaces the one before.
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"NewImage": {"sk": {"S": ["request", "subscriber"]}}},
    }
)


class WelcomeMailerArgs(TypedDict):
    table_arn: pulumi.Input[str]
    """ARN of the table of subscribers, in its home region: keys `pk` and `sk`, index
    `welcomes-due` (`pending`, number `dueAt`, all attributes). See `PublicBlog`."""
    stream_arn: pulumi.Input[str]
    """ARN of the stream of that table, with new images."""
    api_url: pulumi.Input[str]
    """Base URL of the API with `/subscriptions/{id}/confirm` and
    `/subscriptions/{id}/unsubscribe`, which the mails link to."""
    site_url: pulumi.Input[str]
    """URL of the blog, for the text of the mail: `https://blog.example.com`."""
    title: str
    """Name of the blog, which is also the name of the sender."""
    from_address: str
    """Address of the sender: `hello@example.com`."""
    identity_arn: NotRequired[pulumi.Input[str]]
    """ARN of a verified SES identity for `from_address`, preferably a domain with DKIM. Default: a
    new identity of the address, whose owner must confirm it by e-mail."""
    texts: NotRequired[Mapping[str, MailTextArgs]]
    """Texts of the mail by language: `{"en": {...}}`. The first one is also used for languages
    without a text. Default: English and German."""
    retry_after_minutes: NotRequired[int]
    """Time for SES to report a mail as sent before it counts as not sent, 5 to 1440 minutes.
    Default: 15."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether the bucket and tables are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


MAIL_LIMITS: Mapping[str, Limit] = {
    "from_address": Matches(
        r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+",
        "an address such as 'hello@example.com'",
    ),
    # Without control characters, format characters, and spaces other than the usual one.
    "title": Matches(
        r'[^"\\<>{}\x00-\x1f\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff]+',
        "a name in one line without quotes, brackets, braces and backslashes",
    ),
    "retry_after_minutes": Between(5, 1440, "minutes"),
}
"""Limits of arguments about mails, which components with a `WelcomeMailer` share."""

declare(
    WelcomeMailerArgs,
    defaults={"retry_after_minutes": 15, "functions": {}, "retain_data": True},
    limits=MAIL_LIMITS,
)


class WelcomeMailer(pulumi.ComponentResource):
    """DynamoDB stream -> Lambda function -> SES, with a marker so that no mail is sent twice.

    Default settings: the functions can send from the one address only, and set the marker before
    they send. Events of SES complete markers whose result is unknown, and suppress addresses that
    bounce or complain. A subscriber whose record the stream has lost is found within a day. Retries
    are limited, and a bucket keeps the failed records. Alarms, also on bounce and complaint rates,
    and a dashboard are included.
    """

    configuration_set_name: pulumi.Output[str]
    """Name of the SES configuration set."""
    identity_arn: pulumi.Output[str]
    """ARN of the SES identity."""
    failures_bucket_name: pulumi.Output[str]
    """Name of the bucket of stream records that could not be processed."""
    sweeper_function_name: pulumi.Output[str]
    """Name of the function that retries mails."""
    reconciler_function_name: pulumi.Output[str]
    """Name of the function that finds subscribers without a welcome mail, once a day."""
    feedback_dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue of SES events that could not be processed."""

    def __init__(
        self, name: str, args: WelcomeMailerArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:WelcomeMailer", name, {}, opts)
        args = resolve("WelcomeMailer", name, WelcomeMailerArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))
        self._table = Table(
            f"{name}-table",
            parent=self,
            keys={},
            retain=True,
            index=DUE_INDEX,
            adopt=args["table_arn"],
            adopt_stream=args["stream_arn"],
        )
        retain = args["retain_data"]
        self._failures = Bucket(f"{name}-failures", parent=self, retain=retain, versioned=retain)
        self._mails = MailSender(
            f"{name}-mail",
            parent=self,
            from_address=args["from_address"],
            identity_arn=args.get("identity_arn"),
            texts=args.get("texts", default_texts(args["title"])),
            confirmations=confirmation_texts(args["title"]),
            alarms=self._alarms,
        )
        welcome = self._create_welcome()
        sweeper = self._create_sweeper()
        reconciler = self._create_reconciler()
        feedback = self._create_feedback()
        self._create_monitoring(welcome, sweeper)
        outputs = {
            "configuration_set_name": self._mails.configuration_set.configuration_set_name,
            "identity_arn": self._mails.identity_arn,
            "failures_bucket_name": self._failures.bucket_name,
            "sweeper_function_name": sweeper.function_name,
            "reconciler_function_name": reconciler.function_name,
            "feedback_dead_letter_queue_url": feedback.dead_letter_queue_url,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_welcome(self) -> Function:
        stream_arn = self._table.stream_arn
        function = self._function(
            "welcome",
            {
                "statements": [
                    self._table.grant("GetItem"),
                    *grant_table_stream(stream_arn, self._failures),
                ]
            },
        )
        self._mapping = create_stream_mapping(
            f"{self._name}-welcome-mapping",
            function,
            stream_arn,
            self._failures,
            parent=self,
            batch_size=25,
            max_retry_attempts=5,
            pattern=_REQUESTS_AND_SUBSCRIBERS,
        )
        return function

    def _create_sweeper(self) -> Function:
        reads: AccessArgs = {
            "statements": [self._table.grant("GetItem"), self._table.grant_query_index()]
        }
        function = self._function("sweeper", reads)
        create_minute_schedule(function, parent=self)
        return function

    def _create_reconciler(self) -> Function:
        """Create the function that reads the whole table: it sends nothing."""
        access: AccessArgs = {
            "environment": {"BLOG_TABLE": self._table.table_name},
            "statements": [self._table.grant("PutItem", "Scan")],
        }
        function = Function(
            f"{self._name}-reconciler",
            "welcome_mailer/reconciler",
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[access],
            timeout=900,
        )
        create_daily_schedule(function, parent=self)
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
                "access": [access],
                "functions": self._args["functions"],
                "retain_data": self._args["retain_data"],
                "alarm_topic_arn": self._args.get("alarm_topic_arn"),
            },
            self._opts,
        )

    def _function(self, role: str, access: AccessArgs) -> Function:
        title, address = self._args["title"], self._args["from_address"]
        send: AccessArgs = {
            "environment": {
                "BLOG_TABLE": self._table.table_name,
                "FROM_ADDRESS": f'"{title}" <{address}>',
                "CONFIGURATION_SET": self._mails.configuration_set.configuration_set_name,
                "TEMPLATES": _names(self._mails.templates),
                "CONFIRMATIONS": _names(self._mails.confirmations),
                "API_URL": self._args["api_url"],
                "SITE_URL": self._args["site_url"],
                "RETRY_AFTER_SECONDS": str(60 * self._args["retry_after_minutes"]),
            },
            "statements": [self._mails.grant_send(), self._table.grant("PutItem", "UpdateItem")],
        }
        return Function(
            f"{self._name}-{role}",
            f"welcome_mailer/{role}",
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[send, access],
            timeout=60,
        )

    def _create_monitoring(self, welcome: Function, sweeper: Function) -> None:
        create_mailer_alarms(
            self._alarms,
            parent=self,
            welcome=welcome,
            sweeper=sweeper,
            mapping=self._mapping,
            table=self._table,
        )
        create_mailer_dashboard(
            f"{self._name}-dashboard",
            parent=self,
            welcome=welcome,
            sweeper=sweeper,
            mails=self._mails,
            failures_bucket_name=self._failures.bucket_name,
            alarm_arns=self._alarms.arns,
        )


def _names(templates: Mapping[str, aws.ses.Template]) -> pulumi.Output[str]:
    """Return the names of templates by language, as JSON."""
    return pulumi.Output.json_dumps({language: each.name for language, each in templates.items()})


def _check(problems: Problems, args: WelcomeMailerArgs) -> None:
    check_texts(problems, args.get("texts"))
