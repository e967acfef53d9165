"""SES checks identities and From address, stores headers and tags, and publishes events.

Stock 1.5.33 authorizes SendEmail of SES v2 on `*` without condition keys, so that a role limited to
an identity, a configuration set or a From address is denied. Of an email it stores neither the
headers nor the tags nor the configuration set, and it publishes no events.

A recipient with an identity in the account is authorized too, as AWS does in the sandbox, where all
recipients have one (https://github.com/aws/aws-sdk-js/issues/3641).

AWS: "Actions, resources, and condition keys for Amazon Simple Email Service v2"; "Monitoring Amazon
SES sending using Amazon EventBridge" (events `Email Sent`, `Email Bounced`, ...); "Using the
mailbox simulator" (addresses that bounce and complain).

ministack has fixed this when tests/emulator/test_mails.py passes with `unpatched=("mails",)`.
"""

import json
import time
from email.utils import parseaddr
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, ses, ses_v2

from . import Server

_SEND = "/v2/email/outbound-emails"
_SIMULATED = {"bounce": "BOUNCE", "complaint": "COMPLAINT"}
"""Events by the local part of an address of the mailbox simulator."""
_NAMES = {
    "SEND": ("Email Sent", "Send", "send", {}),
    "BOUNCE": ("Email Bounced", "Bounce", "bounce", {"bounceType": "Permanent"}),
    "COMPLAINT": ("Email Complaint Received", "Complaint", "complaint", {}),
}

Mail = dict[str, Any]


def apply(server: Server) -> None:
    _check_rights()
    _report()
    _show()


def _check_rights() -> None:
    stock = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: dict[str, Any], body: bytes, *rest: Any) -> Any:
        if method != "POST" or path.rstrip("/") != _SEND or not app.AUTH:
            return stock(method, path, headers, body, *rest)
        mail = json.loads(body or b"{}")
        context = {"ses:FromAddress": parseaddr(mail.get("FromEmailAddress", ""))[1]}
        for arn in _resources(mail):
            denied = app._enforce_data_plane(
                "sesv2",
                "ses:SendEmail",
                headers,
                *rest,
                resource_arn=arn,
                service_context=context,
                named_resource=arn,
            )
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce


def _resources(mail: Mail) -> list[str]:
    """Return the ARNs of the resources that an email uses."""
    recipients = [_identity(each) for each in mail.get("Destination", {}).get("ToAddresses") or ()]
    named = [
        ("identity", _identity(mail.get("FromEmailAddress", ""))),
        *(("identity", each) for each in recipients if each in ses_v2._identities),
        ("configuration-set", mail.get("ConfigurationSetName")),
        ("template", (mail.get("Content", {}).get("Template") or {}).get("TemplateName")),
    ]
    prefix = f"arn:aws:ses:{get_region()}:{get_account_id()}"
    return [f"{prefix}:{kind}/{name}" for kind, name in named if name]


def _identity(sender: str) -> str:
    """Return the name of an address's identity: the address itself, or its domain."""
    address = parseaddr(sender)[1]
    return address if address in ses_v2._identities else address.rpartition("@")[2]


def _report() -> None:
    stock = ses_v2.handle_request

    async def handle(
        method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]
    ) -> Any:
        answer = await stock(method, path, headers, body, query)
        if method == "POST" and path.rstrip("/") == _SEND and answer[0] == 200:
            _sent(json.loads(body), json.loads(answer[2])["MessageId"])
        return answer

    ses_v2.handle_request = handle


def _sent(mail: Mail, message_id: str) -> None:
    mails = reversed(ses._sent_emails_list())
    stored = next(each for each in mails if each["MessageId"] == message_id)
    content = mail.get("Content", {})
    kind = content.get("Template") or content.get("Simple") or {}
    stored["Headers"] = {each["Name"]: each["Value"] for each in kind.get("Headers") or ()}
    stored["Tags"] = {each["Name"]: each["Value"] for each in mail.get("EmailTags") or ()}
    name = stored["ConfigurationSetName"] = mail.get("ConfigurationSetName", "")
    found = ses_v2._config_sets.get(name) or {}
    events = ["SEND", *_simulated(stored["To"])]
    for destination in (found.get("EventDestinations") or {}).values():
        if not destination.get("Enabled") or "EventBridgeDestination" not in destination:
            continue
        for event in events:
            if event in destination["MatchingEventTypes"]:
                _put(event, stored)


def _simulated(addresses: list[str]) -> list[str]:
    local, _, domain = parseaddr(addresses[0] if addresses else "")[1].partition("@")
    event = _SIMULATED.get(local.partition("+")[0])
    return [event] if event and domain == "simulator.amazonses.com" else []


def _put(event: str, stored: Mail) -> None:
    detail_type, event_type, member, more = _NAMES[event]
    tags = {name: [value] for name, value in stored["Tags"].items()}
    detail = {
        "eventType": event_type,
        "mail": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(stored["Timestamp"])),
            "source": stored["Source"],
            "messageId": stored["MessageId"],
            "destination": stored["To"],
            "tags": {**tags, "ses:configuration-set": [stored["ConfigurationSetName"]]},
        },
        member: more,
    }
    entry = {"Source": "aws.ses", "DetailType": detail_type, "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _show() -> None:
    """Add the stored values to the mailbox, /_ministack/ses/messages."""
    stock = app._handle_ses_messages_request

    async def show(*request: Any) -> Any:
        answer = await stock(*request)
        if answer is None or answer[0] != 200:
            return answer
        mailbox = json.loads(answer[2])
        stored = {
            each["MessageId"]: each
            for entries in ses._sent_emails.to_dict().values()
            for each in entries
        }
        for mail in (mail for mails in mailbox["messages"].values() for mail in mails):
            more = ("Headers", "Tags", "ConfigurationSetName")
            mail |= {name: stored[mail["MessageId"]].get(name) for name in more}
        return answer[0], answer[1], json.dumps(mailbox).encode()

    app._handle_ses_messages_request = show
