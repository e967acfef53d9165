"""WelcomeMailer: mails from one address, delivery events, and no duplicate mails."""

import json
from typing import Any

import pulumi
import pytest

from components.welcome_mailer import WelcomeMailer
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.policies import statements

MAILER = {
    "table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/t",
    "stream_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/1",
    "api_url": "https://api.example.com",
    "site_url": "https://blog.example.com",
    "title": "MyBlog",
    "from_address": "hello@example.com",
    "functions": {"python": PYTHON},
}


def build_mailer(build: Build, **overrides: Any) -> Built:
    return build(lambda: WelcomeMailer("mailer", {**MAILER, **overrides}))


def test_mails_are_sent_from_only_one_address(build: Build):
    graph = build_mailer(build)
    identity, set_ = (
        graph.one(f"mailer-mail-{each}").outputs["arn"] for each in ("identity", "set")
    )
    recipients = f"{set_.rpartition(':')[0]}:identity/*"  # in the sandbox
    languages = ("en", "de", "confirm-en", "confirm-de")
    templates = [graph.one(f"mailer-mail-{each}").outputs["arn"] for each in languages]
    for role in ("welcome", "sweeper"):
        found = statements(graph.one(f"mailer-{role}-policy").inputs["policy"])
        (sending,) = [s for s in found if any(a.startswith("ses:") for a in s["Action"])]
        assert sending["Resource"] == [identity, recipients, set_, *templates]
        condition = {"StringEquals": {"ses:FromAddress": "hello@example.com"}}
        assert sending["Condition"] == condition
    others = [p for p in graph.of("RolePolicy") if "ses:" in p.inputs["policy"]]
    assert len(others) == 2


def test_mails_that_are_late_or_given_up_raise_alarms(build: Build):
    graph = build_mailer(build)
    for what, message, functions in (
        ("given-up", "welcome given up", ("welcome", "sweeper")),
        ("retried", "mail late", ("sweeper",)),
    ):
        alarm = graph.one(f"mailer-{what}").inputs
        for function in functions:
            counted = graph.one(f"mailer-{function}-{what}").inputs
            assert counted["pattern"] == f'{{ $.message = "{message}" }}'
            assert counted["metricTransformation"]["name"] == alarm["metricName"]


def test_a_function_that_cannot_send_reads_the_table_once_a_day(build: Build):
    graph = build_mailer(build)
    (statement, *logs) = statements(graph.one("mailer-reconciler-policy").inputs["policy"])
    granted = {a for s in (statement, *logs) for a in s["Action"] if a.startswith("dynamodb:")}
    assert granted == {"dynamodb:PutItem", "dynamodb:Scan"}
    rule = graph.one("mailer-reconciler-schedule", "EventRule").inputs
    assert rule["scheduleExpression"] == "rate(1 day)"
    scanning = [p.name for p in graph.of("RolePolicy") if "dynamodb:Scan" in p.inputs["policy"]]
    assert scanning == ["mailer-reconciler-policy"]


def test_the_mailer_receives_only_requests_and_subscribers(build: Build):
    mapping = build_mailer(build).one("mailer-welcome-mapping").inputs
    (pattern,) = mapping["filterCriteria"]["filters"]
    assert json.loads(pattern["pattern"]) == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"NewImage": {"sk": {"S": ["request", "subscriber"]}}},
    }


def test_the_feedback_function_receives_the_events_of_ses(build: Build):
    graph = build_mailer(build)
    reports = graph.one("mailer-mail-reports").inputs["eventDestination"]
    assert {"SEND", "BOUNCE", "COMPLAINT"} <= set(reports["matchingEventTypes"])
    assert reports["eventBridgeDestination"]["eventBusArn"].endswith(":event-bus/default")
    rule = graph.one("mailer-feedback-rule").inputs
    assert rule["eventBusName"] == "default"
    pattern = json.loads(rule["eventPattern"])
    assert pattern["source"] == ["aws.ses"]
    assert {"Email Sent", "Email Bounced", "Email Complaint Received"} <= set(
        pattern["detail-type"]
    )


def test_the_settings_of_the_configuration_set(build: Build):
    options = build_mailer(build).one("mailer-mail-set").inputs
    assert options["deliveryOptions"] == {"tlsPolicy": "REQUIRE"}
    assert options["suppressionOptions"] == {"suppressedReasons": ["BOUNCE", "COMPLAINT"]}
    assert options["reputationOptions"] == {"reputationMetricsEnabled": True}


def test_default_texts_contain_the_link_in_both_bodies(build: Build):
    templates = build_mailer(build).of("Template")
    assert len(templates) == 4
    for each in templates:
        link = "{{confirmUrl}}" if "-confirm-" in each.name else "{{unsubscribeUrl}}"
        assert link in each.inputs["text"]
        assert each.inputs["html"].count(link) == 2
        assert "MyBlog" in each.inputs["subject"]


def test_an_existing_identity_can_be_used(build: Build):
    identity = "arn:aws:ses:us-east-1:123456789012:identity/example.com"
    graph = build_mailer(build, identity_arn=identity)
    assert not graph.of("EmailIdentity")
    policy = graph.one("mailer-welcome-policy").inputs["policy"]
    assert any(identity in each["Resource"] for each in statements(policy))


def test_the_mailer_creates_no_table_of_subscribers(build: Build):
    graph = build(lambda: WelcomeMailer("mailer", MAILER))
    assert not [each for each in graph.of("Table") if "inbox" not in each.name]


def test_the_urls_can_be_outputs(build: Build):
    url = "https://later.example.com"

    def program() -> None:
        output = pulumi.Output.from_input(url)
        WelcomeMailer("mailer", {**MAILER, "site_url": output, "api_url": output})  # type: ignore[typeddict-item]

    variables = build(program).one("mailer-welcome").inputs["environment"]["variables"]
    assert variables["SITE_URL"] == variables["API_URL"] == url


MAIL = {"subject": "Hello", "text": "{{unsubscribeUrl}}", "html": "{{unsubscribeUrl}}"}


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        *(
            ({key: None}, f"{key}: is missing; it is required")
            for key in ("table_arn", "stream_arn", "api_url", "site_url", "title", "from_address")
        ),
        ({"from_address": "nobody"}, "from_address: is 'nobody'; it must be an address such as"),
        ({"from_address": ["a@b.cc"]}, "from_address: is ['a@b.cc']; it must be a string"),
        ({"title": ""}, "title: is ''; it must be a name in one line without quotes"),
        ({"title": "a\u2028b"}, "title: is 'a\\u2028b'; it must be a name in one line"),
        ({"title": 'My "blog"'}, "title: is 'My \"blog\"'; it must be a name in one line"),
        ({"retry_after_minutes": 1}, "retry_after_minutes: is 1; it must be from 5 to 1440 min"),
        ({"texts": {}}, "texts: is empty; it must have one language"),
        ({"texts": [MAIL]}, "it must be a map"),
        ({"texts": {"en": {**MAIL, "subject": ""}}}, 'texts["en"].subject: is empty'),
        ({"texts": {"en": {**MAIL, "text": "x"}}}, 'texts["en"].text: must contain {{unsub'),
        ({"texts": {"en": {**MAIL, "html": None}}}, 'texts["en"].html: is missing; it is requ'),
        ({"texts": {"en": {**MAIL, "body": "x"}}}, 'texts["en"].body: is not an argument; '),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"functions": {"python": 3.13}}, "functions.python: is 3.13; it must be a string"),
        ({"adress": "x"}, "adress: is not an argument; "),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, overrides: dict, problem: str):
    with pytest.raises(ValueError, match="WelcomeMailer 'mailer'") as caught:
        build_mailer(build, **overrides)
    assert problem in str(caught.value)
