"""Sends the mail with SES."""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from .markers import Claim
from .settings import WelcomeSettings

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import MessageTagTypeDef, TemplateTypeDef


PERMANENT = frozenset({"BadRequestException", "MessageRejected"})
"""Error codes that concern the mail itself, so that a repetition has the same result.

All others concern the account, its quotas and permissions, or what is deployed, and end without a
change of the mail: `TooManyRequestsException` and `Throttling` (the daily quota too),
`LimitExceededException`, `SendingPausedException`, `AccountSuspendedException`,
`MailFromDomainNotVerifiedException`, `NotFoundException`, `AccessDeniedException`. Sources:
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
"""


class Unsent(Exception):
    """SES did not accept the mail: it is not sent and can be retried.

    Args:
        code: error code of SES.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = code in PERMANENT


class Mail:
    """Sends the confirmation mail and the welcome mail.

    Args:
        settings: sender, templates and links.
        client: an SES v2 client without automatic retries, as each attempt may send a mail.
    """

    def __init__(self, settings: WelcomeSettings, client: "SESV2Client") -> None:
        self._settings = settings
        self._templates: dict[str, str] = json.loads(settings.templates)
        self._confirmations: dict[str, str] = json.loads(settings.confirmations)
        self._client = client

    def send(self, claim: Claim, address: str, language: str) -> str:
        """Send the mail of a claim.

        Returns:
            The message ID of SES.

        Raises:
            Unsent: SES rejected it.
            Exception: any other error; it is unknown whether the mail was sent.
        """
        link = self._link(claim.subscriber_id, "unsubscribe", claim.token)
        return self._deliver(
            address,
            [
                {"Name": "subscriber", "Value": claim.subscriber_id},
                {"Name": "attempt", "Value": claim.attempt},
            ],
            {
                "TemplateName": _choose(self._templates, language),
                "TemplateData": self._data(unsubscribeUrl=link),
                # One-click unsubscribe, without a page: RFC 8058.
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": f"<{link}>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                ],
            },
        )

    def confirm(self, claim: Claim, requested_at: str, address: str, language: str) -> str:
        """Send the mail that asks to confirm a subscription; result and errors are as of `send`.

        It has no subscriber as a tag: its bounces and complaints concern nobody who is subscribed.
        SES suppresses an address that bounces or complains in its own list.

        Args:
            claim: the attempt, of a mailbox.
            requested_at: moment of the request in Unix seconds.
            address: the address that subscribes.
            language: language of the mail.
        """
        link = self._link(claim.subscriber_id, "confirm", claim.token)
        return self._deliver(
            address,
            [
                {"Name": "mailbox", "Value": claim.subscriber_id},
                {"Name": "request", "Value": requested_at},
            ],
            {
                "TemplateName": _choose(self._confirmations, language),
                "TemplateData": self._data(confirmUrl=link),
            },
        )

    def _deliver(
        self, address: str, tags: "list[MessageTagTypeDef]", template: "TemplateTypeDef"
    ) -> str:
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._settings.from_address,
                Destination={"ToAddresses": [address]},
                ConfigurationSetName=self._settings.configuration_set,
                EmailTags=tags,
                Content={"Template": template},
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise Unsent(error.response["Error"]["Code"]) from error
            raise
        return answer["MessageId"]

    def _data(self, **links: str) -> str:
        return json.dumps({**links, "siteUrl": self._settings.site_url})

    def _link(self, item_id: str, action: str, token: str) -> str:
        query = urlencode({"token": token})
        return f"{self._settings.api_url}/subscriptions/{item_id}/{action}?{query}"


def _choose(templates: dict[str, str], language: str) -> str:
    return templates.get(language) or next(iter(templates.values()))
