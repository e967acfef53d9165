"""The table, the emails and the SES reports of a blog on the emulator, and its functions."""

import itertools
import json
import time
import urllib.request
from types import SimpleNamespace
from typing import Any

from public_blog.posts_read import app as posts_read
from public_blog.subscriptions import app as subscriptions
from subscribers import mailbox_of, request_key
from welcome_mailer._shared.welcome import WelcomeSettings
from welcome_mailer.feedback import app as feedback
from welcome_mailer.sweeper import app as sweeper
from welcome_mailer.welcome import app as welcome

from local.emulator.process import Emulator

from ..api import ORIGINS, Answer
from ..aws import make_clients
from ..documents import assert_documented
from ..requests import request

FROM = "hello@example.com"
RETRY_AFTER = 900
CONFIRM = "POST /subscriptions/{subscriberId}/confirm"

_numbers = itertools.count(1)


class BlogWorld:
    """One blog with unique names, so that tests are isolated."""

    def __init__(self, emulator: Emulator) -> None:
        number = next(_numbers)
        self.emulator = emulator
        self.ahead = 0
        """Seconds that the clock of the API is ahead."""
        self.table, self.set = f"blog-{number}", f"mails-{number}"
        clients = make_clients(emulator, "dynamodb", "sesv2", "sqs", "events")
        self.dynamodb, self.sqs, self._events = clients.dynamodb, clients.sqs, clients.events
        self.ses_once = clients.sesv2
        self._create_table()
        self._create_mails()
        self.reports = self._create_reports(f"reports-{number}")
        self.settings = WelcomeSettings(
            blog_table=self.table,
            from_address=f'"MyBlog" <{FROM}>',
            configuration_set=self.set,
            templates=json.dumps({each: f"{self.set}-{each}" for each in ("en", "de")}),
            confirmations=json.dumps({each: f"{self.set}-confirm-{each}" for each in ("en", "de")}),
            api_url="https://api.example.com",
            site_url="https://blog.example.com",
            retry_after_seconds=RETRY_AFTER,
        )

    def _create_table(self) -> None:
        kinds = {"pk": "S", "sk": "S", "pending": "S", "dueAt": "N"}
        self.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
            ],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "welcomes-due",
                    "KeySchema": _keys("pending", "dueAt"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )

    def _create_mails(self) -> None:
        for language, subject in (("en", "Welcome"), ("de", "Willkommen")):
            self.ses_once.create_email_template(
                TemplateName=f"{self.set}-{language}",
                TemplateContent={"Subject": subject, "Text": "{{siteUrl}} {{unsubscribeUrl}}"},
            )
        for language, subject in (("en", "Confirm"), ("de", "Bestätigen")):
            self.ses_once.create_email_template(
                TemplateName=f"{self.set}-confirm-{language}",
                TemplateContent={"Subject": subject, "Text": "{{siteUrl}} {{confirmUrl}}"},
            )
        if FROM not in {e["IdentityName"] for e in self._identities()}:
            self.ses_once.create_email_identity(EmailIdentity=FROM)
        self.ses_once.create_configuration_set(ConfigurationSetName=self.set)
        bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
        self.ses_once.create_configuration_set_event_destination(
            ConfigurationSetName=self.set,
            EventDestinationName="bus",
            EventDestination={
                "Enabled": True,
                "MatchingEventTypes": ["SEND", "BOUNCE", "COMPLAINT"],
                "EventBridgeDestination": {"EventBusArn": bus},
            },
        )

    def _identities(self) -> list[Any]:
        return self.ses_once.list_email_identities().get("EmailIdentities", [])

    def _create_reports(self, name: str) -> str:
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        pattern = {
            "source": ["aws.ses"],
            "detail": {"mail": {"tags": {"ses:configuration-set": [self.set]}}},
        }
        rule = self._events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        self._events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
        admit = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [admit]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url

    # Functions

    def call(self, operation: str, **parts: Any) -> Answer:
        """Call an operation of the API and assert that its response is documented."""
        if "/posts" in operation:
            function = posts_read.make(posts_read.Settings(self.table), self, ORIGINS)
        else:
            settings = subscriptions.Settings(self.table)
            function = subscriptions.make(settings, self, ORIGINS, lambda: time.time() + self.ahead)
        event = request(operation, user=None, **parts)
        response = function(event)
        json.dumps(response)
        assert_documented("blog", event, response)
        return Answer(response)

    def request(self, email: Any, **more: Any) -> Answer:
        """Ask for a confirmation mail."""
        return self.call("POST /subscriptions", body={"email": email, **more})

    def subscribe(self, email: Any, **more: Any) -> Answer:
        """Ask for a confirmation mail, and confirm as its link does."""
        answer = self.request(email, **more)
        if answer.status == 202:
            assert self.call(CONFIRM, **self.confirmation(email)).status == 200
        return answer

    def confirmation(self, email: str) -> dict[str, Any]:
        """Return the parts of the link of the last request for a mailbox."""
        mailbox = mailbox_of(email)
        item = self.dynamodb.get_item(TableName=self.table, Key=request_key(mailbox))["Item"]
        return {"path": {"subscriberId": mailbox}, "query": {"token": item["token"]["S"]}}

    def welcome(self, records: list[dict[str, Any]], **clients: Any) -> list[str]:
        """Invoke the function with records and return the sequence numbers of the failed ones."""
        function = welcome.make(self.settings, self._with(clients))
        failures = function({"Records": records})["batchItemFailures"]
        return [each["itemIdentifier"] for each in failures]

    def sweep(self, now: float, **clients: Any) -> dict[str, int]:
        return sweeper.make(self.settings, self._with(clients), lambda: now)()

    def feedback(self, messages: list[dict[str, Any]]) -> list[dict[str, str]]:
        settings = feedback.Settings(self.table, self.set)
        records = [{"messageId": str(n), "body": json.dumps(m)} for n, m in enumerate(messages)]
        return feedback.Feedback(settings, self)({"Records": records})["batchItemFailures"]

    def _with(self, clients: dict[str, Any]) -> Any:
        given = {"dynamodb": self.dynamodb, "ses_once": self.ses_once, **clients}
        return SimpleNamespace(**given)

    # Results

    def received(self) -> list[dict[str, Any]]:
        """Receive and delete the reports of SES in the queue."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.reports, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=self.reports, ReceiptHandle=handle)
            if "Messages" not in answer:
                return found

    def mails(self) -> list[dict[str, Any]]:
        """Return the sent emails of this blog's configuration set."""
        with urllib.request.urlopen(self.emulator.mails) as answer:
            mails = json.loads(answer.read())["messages"].get("000000000000", [])
        return [each for each in mails if each["ConfigurationSetName"] == self.set]

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Return the items with a sort key."""
        paginator = self.dynamodb.get_paginator("scan")
        pages = paginator.paginate(TableName=self.table, ConsistentRead=True)
        return [e for page in pages for e in page["Items"] if e["sk"]["S"] == kind]

    def records(self) -> list[dict[str, Any]]:
        """Return the stream records of the new subscribers."""
        return [record(each, number) for number, each in enumerate(self.items("subscriber"))]

    def requests(self) -> list[dict[str, Any]]:
        """Return the stream records of the requests to subscribe, as changed items."""
        items = enumerate(self.items("request"))
        return [record(each, number, "MODIFY") for number, each in items]


def record(image: dict[str, Any], number: int, name: str = "INSERT") -> dict[str, Any]:
    """Return a stream record."""
    change = {"NewImage": image, "SequenceNumber": str(number)}
    return {"eventName": name, "eventSource": "aws:dynamodb", "dynamodb": change}


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
