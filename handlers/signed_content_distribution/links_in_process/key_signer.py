"""The signer for high volume: its private key comes from Secrets Manager and signs in process."""

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
    """A private key in memory: RSA, or on the curve P-256."""

    hash_algorithm = "SHA256"

    def __init__(self, pem: bytes) -> None:
        """Read the key, PEM without a password.

        Raises:
            ValueError: it is none that CloudFront takes.
        """
        # Checking an RSA key takes longer than a thousand signatures. It is our own, and a
        # signature of a broken one is refused by CloudFront.
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048:
            self._rsa: rsa.RSAPrivateKey | None = key
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            self._rsa, self._curve = None, key
        else:
            raise ValueError("CloudFront takes RSA-2048 and ECDSA P-256 keys only")

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        if self._rsa is not None:
            return self._rsa.sign(message, _PKCS1, _HASH)
        return self._curve.sign(message, _ECDSA)


def load(client: "SecretsManagerClient", secret_arn: str) -> KeySigner:
    """The signer of the key in a secret.

    Raises:
        ValueError: as `KeySigner`.
        ClientError: the secret cannot be read.
    """
    return KeySigner(client.get_secret_value(SecretId=secret_arn)["SecretString"].encode())
