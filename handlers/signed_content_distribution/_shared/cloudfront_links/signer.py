"""Signers: the interface, and the signer with a KMS key."""

import hashlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient
    from types_boto3_kms.literals import SigningAlgorithmSpecType

__all__ = ["KmsSigner", "Signer"]


class Signer(Protocol):
    """Signs what CloudFront checks with the public half of its key."""

    hash_algorithm: str
    """`SHA256`, or `SHA1`, which CloudFront takes for granted when a link does not name one."""

    def sign(self, message: bytes) -> bytes:
        """An RSA PKCS #1 v1.5 signature, or an ECDSA one in DER."""
        ...


class KmsSigner:
    """An asymmetric KMS key; each signature is one call, billed and limited by KMS."""

    hash_algorithm = "SHA256"  # KMS signs no SHA-1

    def __init__(
        self, client: "KMSClient", key_arn: str, algorithm: "SigningAlgorithmSpecType"
    ) -> None:
        """Create it. It makes no calls yet.

        Args:
            client: a KMS client.
            key_arn: the key.
            algorithm: `ECDSA_SHA_256`, or `RSASSA_PKCS1_V1_5_SHA_256`.
        """
        self._client = client
        self._key_arn = key_arn
        self._algorithm = algorithm

    def sign(self, message: bytes) -> bytes:
        """Sign; by its digest, as KMS takes whole messages of up to 4096 bytes only.

        Raises:
            ClientError: KMS refuses, or is throttled.
        """
        return self._client.sign(
            KeyId=self._key_arn,
            Message=hashlib.sha256(message).digest(),
            MessageType="DIGEST",
            SigningAlgorithm=self._algorithm,
        )["Signature"]
