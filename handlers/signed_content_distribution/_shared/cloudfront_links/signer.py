"""The interface of signers, and the signer with a KMS key."""

import hashlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient
    from types_boto3_kms.literals import SigningAlgorithmSpecType

__all__ = ["KmsSigner", "Signer"]


class Signer(Protocol):
    """Signs policies with a private key whose public key CloudFront has."""

    hash_algorithm: str
    """`SHA256`, or `SHA1`, the default of CloudFront for links without a hash algorithm."""

    def sign(self, message: bytes) -> bytes:
        """Return an RSA PKCS #1 v1.5 signature, or an ECDSA signature in DER."""
        ...


class KmsSigner:
    """Signs with an asymmetric KMS key. Each signature is one billed and throttled call of KMS."""

    hash_algorithm = "SHA256"  # KMS does not support SHA-1

    def __init__(
        self, client: "KMSClient", key_arn: str, algorithm: "SigningAlgorithmSpecType"
    ) -> None:
        """Use a key.

        Args:
            client: a KMS client.
            key_arn: ARN of the key.
            algorithm: `ECDSA_SHA_256` or `RSASSA_PKCS1_V1_5_SHA_256`.
        """
        self._client = client
        self._key_arn = key_arn
        self._algorithm = algorithm

    def sign(self, message: bytes) -> bytes:
        """Sign the digest of a message, as KMS only accepts messages of up to 4096 bytes.

        Raises:
            ClientError: KMS rejects or throttles the call.
        """
        return self._client.sign(
            KeyId=self._key_arn,
            Message=hashlib.sha256(message).digest(),
            MessageType="DIGEST",
            SigningAlgorithm=self._algorithm,
        )["Signature"]
