"""What the functions that send mails are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from subscribers import CONFIRMATION, WELCOME

from .confirming import Confirming
from .mail import Mail
from .markers import Markers
from .settings import WelcomeSettings
from .suppressions import Suppressions
from .welcoming import Welcoming

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sesv2 import SESV2Client


class SendingClients(Protocol):
    """The AWS clients of functions that send mails."""

    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def ses_once(self) -> "SESV2Client": ...


@dataclass(frozen=True)
class Senders:
    """The senders of both mails, and the addresses that get none."""

    confirming: Confirming
    welcoming: Welcoming
    suppressions: Suppressions

    @classmethod
    def make(
        cls, settings: WelcomeSettings, clients: SendingClients, clock: Callable[[], float]
    ) -> "Senders":
        """Return the senders with these settings and clients."""
        table, client = settings.blog_table, clients.dynamodb

        def markers(kind: str) -> Markers:
            return Markers(table, client, settings.retry_after_seconds, clock, kind)

        mail, suppressions = Mail(settings, clients.ses_once), Suppressions(table, client, clock)
        return cls(
            Confirming(
                markers(CONFIRMATION), mail, suppressions, table=table, client=client, clock=clock
            ),
            Welcoming(markers(WELCOME), mail, suppressions),
            suppressions,
        )
