"""Sends the mail with SES."""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from .markers import Claim
from .settings import WelcomeSettings

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client


class Unsent(Exception):
    """SES rejected the mail: it is not sent and can be retried. The message is the error code."""


class Mail:
    """Sends the welcome mail.

    Args:
        settings: sender, templates and links.
        client: an SES v2 client without automatic retries, as each attempt may send a mail.
    """

    def __init__(self, settings: WelcomeSettings, client: "SESV2Client") -> None:
        self._settings = settings
        self._templates: dict[str, str] = json.loads(settings.templates)
        self._client = client

    def send(self, claim: Claim, address: str, language: str) -> str:
        """Send the mail of a claim.

        Returns:
            The message ID of SES.

        Raises:
            Unsent: SES rejected it.
            Exception: any other error; it is unknown whether the mail was sent.
        """
        link = self._link(claim)
        template = self._templates.get(language) or next(iter(self._templates.values()))
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._settings.from_address,
                Destination={"ToAddresses": [address]},
                ConfigurationSetName=self._settings.configuration_set,
                EmailTags=[
                    {"Name": "subscriber", "Value": claim.subscriber_id},
                    {"Name": "attempt", "Value": claim.attempt},
                ],
                Content={
                    "Template": {
                        "TemplateName": template,
                        "TemplateData": json.dumps(
                            {"unsubscribeUrl": link, "siteUrl": self._settings.site_url}
                        ),
                        # One-click unsubscribe, without a page: RFC 8058.
                        "Headers": [
                            {"Name": "List-Unsubscribe", "Value": f"<{link}>"},
                            {
                                "Name": "List-Unsubscribe-Post",
                                "Value": "List-Unsubscribe=One-Click",
                            },
                        ],
                    }
                },
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise Unsent(error.response["Error"]["Code"]) from error
            raise
        return answer["MessageId"]

    def _link(self, claim: Claim) -> str:
        query = urlencode({"token": claim.token})
        api = self._settings.api_url
        return f"{api}/subscriptions/{claim.subscriber_id}/unsubscribe?{query}"
