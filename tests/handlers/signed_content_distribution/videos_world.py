"""The tables, keys and secret of the video system on the emulator, and its functions."""

import base64
import hashlib
import hmac
import itertools
import json
from functools import cache
from types import SimpleNamespace
from typing import Any

from signed_content_distribution.links import app as links
from signed_content_distribution.links_in_process import app as links_in_process
from signed_content_distribution.registration import app as registration

from local.emulator.process import Emulator

from ..api import Answer, Spy
from ..aws import make_clients
from ..documents import assert_documented
from ..requests import ADA, request
from .keys import pair

ORIGINS = frozenset({"https://app.example.com"})
CONTENT = "https://d111.cloudfront.net"
WEBHOOK_KEY = b"a secret that shop and API share"
NOW = 1_800_000_000.25
LIMITS = {
    "min_seconds": 60,
    "max_seconds": 3600,
    "default_seconds": 600,
    "audit_retention_days": 30,
}

_numbers = itertools.count(1)


@cache
def _clients(emulator: Emulator) -> dict[str, Any]:
    names = ("dynamodb", "kms", "secretsmanager")
    return {name: getattr(make_clients(emulator, name), name) for name in names}


@cache
def kms_key(emulator: Emulator, spec: str) -> tuple[str, str]:
    """Return the ARN of a KMS key and its public key."""
    kms = _clients(emulator)["kms"]
    arn = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    der = base64.b64encode(kms.get_public_key(KeyId=arn)["PublicKey"]).decode()
    return arn, f"-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n"


class VideosWorld:
    """One video system with unique names, so that tests are isolated."""

    def __init__(self, emulator: Emulator) -> None:
        number = next(_numbers)
        self.emulator, self.now = emulator, NOW
        self.entitlements, self.audit = f"entitlements-{number}", f"audit-{number}"
        self.secret = f"webhook-{number}"
        self.cookie_domain = ""
        clients = {name: Spy(client) for name, client in _clients(emulator).items()}
        self.clients = SimpleNamespace(**clients)
        for table, sort in ((self.entitlements, "grant"), (self.audit, "issuedAt")):
            self.clients.dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": "S"} for name in ("userId", sort)
                ],
                KeySchema=[
                    {"AttributeName": "userId", "KeyType": "HASH"},
                    {"AttributeName": sort, "KeyType": "RANGE"},
                ],
            )
        self.clients.secretsmanager.create_secret(Name=self.secret)
        self.share(WEBHOOK_KEY)

    def share(self, *keys: bytes) -> None:
        """Set the secrets of the webhook."""
        text = "\n".join(f"whsec_{base64.b64encode(key).decode()}" for key in keys)
        self.clients.secretsmanager.put_secret_value(SecretId=self.secret, SecretString=text)

    @property
    def settings(self) -> dict[str, Any]:
        own = {
            "entitlements_table": self.entitlements,
            "audit_table": self.audit,
            "cookie_domain": self.cookie_domain,
        }
        return {"content_url": CONTENT, "key_id": "KEY", **own, **LIMITS}

    def links(self, spec: str = "ECC_NIST_P256", kms: Any = None) -> Any:
        """Return the function that signs with KMS."""
        algorithm = "ECDSA_SHA_256" if spec.startswith("ECC") else "RSASSA_PKCS1_V1_5_SHA_256"
        key = {
            "signing_key_arn": kms_key(self.emulator, spec)[0],
            "signing_algorithm": algorithm,
        }
        clients = SimpleNamespace(dynamodb=self.clients.dynamodb, kms=kms or self.clients.kms)
        settings = links.Settings(**self.settings, **key)
        return links.make(settings, clients, ORIGINS, lambda: self.now)

    def public_pem(self, spec: str = "ECC_NIST_P256") -> str:
        return kms_key(self.emulator, spec)[1]

    def links_in_process(self, kind: str = "ECDSA") -> Any:
        """Return the function that signs in process."""
        made = self.clients.secretsmanager.create_secret(
            Name=f"{self.secret}-{kind}", SecretString=pair(kind).private_pem
        )
        settings = links_in_process.Settings(**self.settings, signing_secret_arn=made["ARN"])
        return links_in_process.make(settings, self.clients, ORIGINS, lambda: self.now)

    def registration(self) -> Any:
        settings = registration.Settings(self.entitlements, self.secret)
        return registration.make(settings, self.clients, ORIGINS, lambda: self.now)

    def call(self, operation: str, function: Any, **parts: Any) -> Answer:
        """Call an operation and assert that its response is documented."""
        event = request(operation, **parts)
        response = function(event)
        json.dumps(response)  # Lambda must be able to send it
        assert_documented("videos", event, response)
        return Answer(response)

    # Shortcuts

    def link(self, path: str = "film/1.mp4", function: Any = None, user: str = ADA, **body: Any):
        function = function or self.links()
        return self.call("POST /links", function, user=user, body={"path": path, **body})

    def folder_pass(self, folder: str = "film/hls", function: Any = None, **body: Any) -> Answer:
        return self.call("POST /passes", function or self.links(), body={"folder": folder, **body})

    def register(self, event_id: str = "e1", function: Any = None, **changes: Any) -> Answer:
        """Send a signed event. By default, Ada has bought `film`."""
        body = json.dumps(purchase(**changes))
        headers = signed(event_id, self.now, body)
        function = function or self.registration()
        return self.call("POST /registrations", function, user=None, headers=headers, body=body)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.clients.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]


def purchase(**changes: Any) -> dict[str, Any]:
    """Return the body of an event. A change to None removes the member."""
    event = {
        "type": "granted",
        "purchaseId": "p1",
        "userId": ADA,
        "item": "film",
        "occurredAt": "2027-01-15T07:59:00Z",
        **changes,
    }
    return {name: value for name, value in event.items() if value is not None}


def signed(event_id: str, at: float, body: str, key: bytes = WEBHOOK_KEY) -> dict[str, str]:
    """Return the headers of a message, signed according to the Standard Webhooks specification."""
    content = f"{event_id}.{int(at)}.{body}".encode()
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{signature}",
    }
