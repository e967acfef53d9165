"""Key pairs of every kind that CloudFront supports, and signers with both hash algorithms."""

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

KINDS = ("ECDSA", "RSA")
HASHES = ("SHA256", "SHA1")


@dataclass(frozen=True)
class Pair:
    """A private key in memory."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def public_pem(self) -> str:
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def private_pem(self) -> str:
        text = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return text.decode()

    def signer(self, hash_algorithm: str = "SHA256") -> "MemorySigner":
        return MemorySigner(self, hash_algorithm)


@dataclass(frozen=True)
class MemorySigner:
    """Signs in the way that CloudFront verifies."""

    pair: Pair
    hash_algorithm: str

    def sign(self, message: bytes) -> bytes:
        digest = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256()}[self.hash_algorithm]
        if isinstance(self.pair.private, rsa.RSAPrivateKey):
            return self.pair.private.sign(message, padding.PKCS1v15(), digest)
        return self.pair.private.sign(message, ec.ECDSA(digest))


def pair(kind: str, number: int = 1) -> Pair:
    """Return the same pair for the same arguments, because generating RSA keys is slow."""
    return _pair(kind, number)


@cache
def _pair(kind: str, _number: int) -> Pair:
    if kind == "RSA":
        return Pair(rsa.generate_private_key(65537, 2048))
    return Pair(ec.generate_private_key(ec.SECP256R1()))
