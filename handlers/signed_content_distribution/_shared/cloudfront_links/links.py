"""Creates signed URLs and signed cookies."""

import base64
from dataclasses import dataclass

from .policies import Terms, canned, custom
from .signer import Signer

__all__ = ["Grant", "Links", "with_query"]

_URL_SAFE = bytes.maketrans(
    b"+=/", b"-_~"
)  # CloudFront's own alphabet, which differs from base64.urlsafe_b64encode


@dataclass(frozen=True)
class Grant:
    """A signed policy, as a query string and as cookies."""

    policy: str
    signature: str
    key_id: str
    hash_algorithm: str

    @property
    def query(self) -> str:
        """The query string that signs a URL; `with_query` adds it."""
        query = f"Policy={self.policy}&Signature={self.signature}&Key-Pair-Id={self.key_id}"
        return query + _tail(self.hash_algorithm)

    @property
    def cookies(self) -> dict[str, str]:
        """The signed cookies, by name."""
        cookies = {
            "CloudFront-Policy": self.policy,
            "CloudFront-Signature": self.signature,
            "CloudFront-Key-Pair-Id": self.key_id,
        }
        if self.hash_algorithm != "SHA1":
            cookies["CloudFront-Hash-Algorithm"] = self.hash_algorithm
        return cookies


class Links:
    """Creates links that are signed with one key."""

    def __init__(self, key_id: str, signer: Signer) -> None:
        """Use a key.

        Args:
            key_id: ID of the public key in CloudFront, which is in a key group.
            signer: signs with the private key.
        """
        self.key_id = key_id
        self._signer = signer
        self._tail = _tail(signer.hash_algorithm)

    def url(self, url: str, terms: Terms) -> str:
        """Return a signed URL. The URL may already have a query string.

        Raises:
            ValueError: the URL is not percent-encoded.
        """
        if not terms.canned:
            return with_query(url, self.grant(url, terms).query)
        signature = self._signature(canned(url, terms.expires))
        query = f"Expires={terms.expires}&Signature={signature}&Key-Pair-Id={self.key_id}"
        return with_query(url, query + self._tail)

    def grant(self, resource: str, terms: Terms) -> Grant:
        """Sign one policy for all URLs that match `resource`.

        Raises:
            ValueError: `resource` is not percent-encoded.
        """
        policy = custom(resource, terms)
        return Grant(
            _encoded(policy.encode()),
            self._signature(policy),
            self.key_id,
            self._signer.hash_algorithm,
        )

    def _signature(self, policy: str) -> str:
        return _encoded(self._signer.sign(policy.encode()))


def with_query(url: str, query: str) -> str:
    """Add a query string to a URL."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).translate(_URL_SAFE).decode("ascii")


def _tail(hash_algorithm: str) -> str:
    return "" if hash_algorithm == "SHA1" else f"&Hash-Algorithm={hash_algorithm}"
