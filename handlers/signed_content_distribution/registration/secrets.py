"""Reads the secrets with which the shop signs."""

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING

from api import Refusal

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_CACHE_SECONDS = 60
_PREFIX = "whsec_"


class Secrets:
    """One or more secrets `whsec_<Base64>`, separated by white space.

    There are several during a rotation. They are read again after a minute.
    """

    def __init__(
        self, secret_arn: str, client: "SecretsManagerClient", clock: Callable[[], float]
    ) -> None:
        self._secret_arn = secret_arn
        self._client = client
        self._clock = clock
        self._read_at = float("-inf")
        self._keys: list[bytes] = []

    def __call__(self) -> list[bytes]:
        """Return the decoded secrets.

        Raises:
            Refusal: 503, no secret is set.
            ValueError: the value is not a list of secrets.
        """
        if self._clock() - self._read_at >= _CACHE_SECONDS:
            self._keys, self._read_at = self._read(), self._clock()
        return self._keys

    def _read(self) -> list[bytes]:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_arn)
            text = answer.get("SecretString", "")
        except self._client.exceptions.ResourceNotFoundException:  # it has no value
            text = ""
        if not text.split():
            raise Refusal(503, "", "no secret is set for registrations")
        return [_decoded(each) for each in text.split()]


def _decoded(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret is whsec_ and then Base64 of 24 to 64 bytes")
    return key
