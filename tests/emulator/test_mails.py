"""SES: permissions to send, headers and tags of emails, and events."""

import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import until

FROM = "hello@example.com"
PREFIX = "arn:aws:ses:us-east-1:000000000000:"


def mailbox(cloud):
    with urllib.request.urlopen(cloud.emulator.mails) as answer:
        return json.loads(answer.read())["messages"].get("000000000000", [])


def send(client, to="ada@example.org", sender=FROM, **more):
    content = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    content["Headers"] = [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}]
    return client.send_email(
        FromEmailAddress=f"Blog <{sender}>",
        Destination={"ToAddresses": [to]},
        Content={"Simple": content},
        EmailTags=[{"Name": "subscriber", "Value": "s1"}],
        ConfigurationSetName="set",
        **more,
    )


def prepare(cloud, events):
    ses = cloud.client("sesv2")
    ses.create_email_identity(EmailIdentity="example.com")
    ses.create_configuration_set(ConfigurationSetName="set")
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="set",
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": events,
            "EventBridgeDestination": {
                "EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"
            },
        },
    )
    return ses


def reports(cloud, allowed=True):
    """A queue with the events of SES; stock delivers events to any queue."""
    url, arn = cloud.queue("reports")
    rule = cloud.client("events").put_rule(
        Name="reports", EventPattern=json.dumps({"source": ["aws.ses"]})
    )["RuleArn"]
    cloud.client("events").put_targets(Rule="reports", Targets=[{"Id": "1", "Arn": arn}])
    if allowed:
        cloud.allow_rule(url, arn, rule)
    return url


def limited(cloud, *resources):
    """Return a client that can send from one address with `resources`."""
    iam = cloud.client("iam")
    iam.create_user(UserName="sender")
    statement = {
        "Effect": "Allow",
        "Action": "ses:SendEmail",
        "Resource": list(resources),
        "Condition": {"StringEquals": {"ses:FromAddress": FROM}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="sender", PolicyName="send", PolicyDocument=document)
    key = iam.create_access_key(UserName="sender")["AccessKey"]
    return cloud.emulator.client(
        "sesv2",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_an_email_has_headers_tags_and_its_configuration_set(cloud):
    message = send(prepare(cloud, ["SEND"]))["MessageId"]
    (mail,) = mailbox(cloud)
    assert mail["MessageId"] == message and mail["To"] == ["ada@example.org"]
    assert mail["Headers"] == {"List-Unsubscribe": "<https://example.com/u>"}
    assert (mail["Tags"], mail["ConfigurationSetName"]) == ({"subscriber": "s1"}, "set")


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("ada@example.org", ["Email Sent"]),
        ("bounce@simulator.amazonses.com", ["Email Bounced", "Email Sent"]),
        ("complaint+1@simulator.amazonses.com", ["Email Complaint Received", "Email Sent"]),
    ],
)
def test_events_of_an_email_are_published(cloud, to, expected):
    ses, url = prepare(cloud, ["SEND", "BOUNCE", "COMPLAINT"]), reports(cloud)
    message = send(ses, to)["MessageId"]
    found = []

    def all_there():
        found.extend(cloud.received(url))
        return len(found) >= len(expected)

    until(all_there)
    assert sorted(each["detail-type"] for each in found) == expected
    for mail in (each["detail"]["mail"] for each in found):
        assert mail["messageId"] == message
        assert mail["tags"] == {"subscriber": ["s1"], "ses:configuration-set": ["set"]}


def test_only_the_configured_events_are_published(cloud):
    ses, url = prepare(cloud, ["BOUNCE"]), reports(cloud)
    send(ses, "ada@example.org")
    send(ses, "bounce@simulator.amazonses.com")
    (report,) = until(lambda: cloud.received(url))
    assert report["detail-type"] == "Email Bounced"


def test_a_role_is_limited_to_an_identity_and_an_address(cloud):
    prepare(cloud, ["SEND"])
    client = limited(cloud, f"{PREFIX}identity/example.com", f"{PREFIX}configuration-set/set")
    send(client)
    with pytest.raises(ClientError, match="AccessDenied"):
        send(client, sender="ceo@example.com")


@pytest.mark.parametrize(("identities", "allowed"), [("example.com", False), ("*", True)])
def test_a_recipient_with_an_identity_needs_its_own_permission(cloud, identities, allowed):
    prepare(cloud, ["SEND"]).create_email_identity(EmailIdentity="ada@example.org")
    client = limited(cloud, f"{PREFIX}identity/{identities}", f"{PREFIX}configuration-set/set")
    send(client, "bob@example.org")
    if allowed:
        send(client, "ada@example.org")
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            send(client, "ada@example.org")


def test_a_configuration_set_needs_its_own_permission(cloud):
    prepare(cloud, ["SEND"])
    with pytest.raises(ClientError, match="AccessDenied"):
        send(limited(cloud, f"{PREFIX}identity/example.com"))
    assert mailbox(cloud) == []


def test_stock_denies_limited_roles_and_publishes_nothing(stock):
    ses, url = prepare(stock, ["SEND"]), reports(stock, allowed=False)
    client = limited(stock, f"{PREFIX}identity/example.com", f"{PREFIX}configuration-set/set")
    with pytest.raises(ClientError, match="AccessDenied"):
        send(client)
    send(ses)
    (mail,) = mailbox(stock)
    assert "Headers" not in mail and stock.received(url) == []
