"""The signer for high volume: reads its private key from Secrets Manager and signs in process."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_HASH = hashes.SHA256()
_ECDSA = ec.ECDSA(_HASH)
_PKCS1 = padding.PKCS1v15()


class KeySigner:
    """Signs with a private key in memory: RSA-2048 or ECDSA P-256."""

    hash_algorithm = "SHA256"

    def __init__(self, pem: bytes) -> None:
        """Load the key from PEM without a password.

        Raises:
            ValueError: CloudFront does not support the key.
        """
        # Validation of an RSA key takes longer than a thousand signatures. The key is trusted, and
        # CloudFront rejects signatures of an invalid key.
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048:
            self._rsa: rsa.RSAPrivateKey | None = key
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            self._rsa, self._curve = None, key
        else:
            raise ValueError("CloudFront takes RSA-2048 and ECDSA P-256 keys only")

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""
        if self._rsa is not None:
            return self._rsa.sign(message, _PKCS1, _HASH)
        return self._curve.sign(message, _ECDSA)


def load(client: "SecretsManagerClient", secret_arn: str) -> KeySigner:
    """Return the signer with the key in a secret.

    Raises:
        ValueError: CloudFront does not support the key.
        ClientError: the secret cannot be read.
    """
    return KeySigner(client.get_secret_value(SecretId=secret_arn)["SecretString"].encode())
