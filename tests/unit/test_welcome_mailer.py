"""WelcomeMailer: mails from one address, reports of what became of them, nobody twice."""

import json
from typing import Any

import pytest

from components.welcome_mailer import WelcomeMailer
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.conftest import statements

MAILER = {
    "table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/t",
    "stream_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/1",
    "api_url": "https://api.example.com",
    "site_url": "https://blog.example.com",
    "title": "MyBlog",
    "from_address": "hello@example.com",
    "functions": {"python": PYTHON},
}


def with_(build: Build, **given: Any) -> Built:
    return build(lambda: WelcomeMailer("mailer", {**MAILER, **given}))


def test_mails_come_from_one_address_only(build: Build):
    graph = with_(build)
    mail = [graph.one(f"mailer-mail-{each}").outputs["arn"] for each in ("identity", "set")]
    templates = [graph.one(f"mailer-mail-{each}").outputs["arn"] for each in ("en", "de")]
    for role in ("welcome", "sweeper"):
        found = statements(graph.one(f"mailer-{role}-policy").inputs["policy"])
        (sending,) = [s for s in found if any(a.startswith("ses:") for a in s["Action"])]
        assert sending["Resource"] == [*mail, *templates]
        condition = {"StringEquals": {"ses:FromAddress": "hello@example.com"}}
        assert sending["Condition"] == condition
    others = [p for p in graph.of("RolePolicy") if "ses:" in p.inputs["policy"]]
    assert len(others) == 2


def test_only_new_subscribers_reach_the_mailer(build: Build):
    mapping = with_(build).one("mailer-welcome-mapping").inputs
    (pattern,) = mapping["filterCriteria"]["filters"]
    assert json.loads(pattern["pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"sk": {"S": ["subscriber"]}}},
    }


def test_what_ses_reports_reaches_the_feedback_function(build: Build):
    graph = with_(build)
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


def test_the_sets_rules(build: Build):
    made = with_(build).one("mailer-mail-set").inputs
    assert made["deliveryOptions"] == {"tlsPolicy": "REQUIRE"}
    assert made["suppressionOptions"] == {"suppressedReasons": ["BOUNCE", "COMPLAINT"]}
    assert made["reputationOptions"] == {"reputationMetricsEnabled": True}


def test_default_texts_hold_the_link_in_every_form(build: Build):
    templates = with_(build).of("Template")
    assert len(templates) == 2
    for each in templates:
        assert "{{unsubscribeUrl}}" in each.inputs["text"]
        assert each.inputs["html"].count("{{unsubscribeUrl}}") == 2
        assert "MyBlog" in each.inputs["subject"]


def test_an_identity_of_the_callers_own(build: Build):
    identity = "arn:aws:ses:us-east-1:123456789012:identity/example.com"
    graph = with_(build, identity_arn=identity)
    assert not graph.of("EmailIdentity")
    policy = graph.one("mailer-welcome-policy").inputs["policy"]
    assert any(identity in each["Resource"] for each in statements(policy))


def test_the_mailer_stands_alone(build: Build):
    graph = build(lambda: WelcomeMailer("mailer", MAILER))
    assert not [each for each in graph.of("Table") if "inbox" not in each.name]
    with pytest.raises(ValueError, match="stream_arn: is missing"):
        build(lambda: WelcomeMailer("m", {k: v for k, v in MAILER.items() if k != "stream_arn"}))
