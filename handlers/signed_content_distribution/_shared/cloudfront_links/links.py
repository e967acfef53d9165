"""Links: URLs and cookies with a signature."""

import base64
from dataclasses import dataclass

from .policies import Terms, canned, custom
from .signer import Signer

__all__ = ["Grant", "Links", "with_query"]

_URL_SAFE = bytes.maketrans(
    b"+=/", b"-_~"
)  # CloudFront's own, not that of base64.urlsafe_b64encode


@dataclass(frozen=True)
class Grant:
    """A signed policy, in the two forms that travel with a request."""

    policy: str
    signature: str
    key_id: str
    hash_algorithm: str

    @property
    def query(self) -> str:
        """What makes a URL work, added to it by `with_query`."""
        query = f"Policy={self.policy}&Signature={self.signature}&Key-Pair-Id={self.key_id}"
        return query + _tail(self.hash_algorithm)

    @property
    def cookies(self) -> dict[str, str]:
        """What makes a URL work, as cookies by name."""
        cookies = {
            "CloudFront-Policy": self.policy,
            "CloudFront-Signature": self.signature,
            "CloudFront-Key-Pair-Id": self.key_id,
        }
        if self.hash_algorithm != "SHA1":
            cookies["CloudFront-Hash-Algorithm"] = self.hash_algorithm
        return cookies


class Links:
    """Makes links of one key."""

    def __init__(self, key_id: str, signer: Signer) -> None:
        """Make it; nothing is signed yet.

        Args:
            key_id: CloudFront's ID of the public key, which is in a key group.
            signer: holds the private key.
        """
        self.key_id = key_id
        self._signer = signer
        self._tail = _tail(signer.hash_algorithm)

    def url(self, url: str, terms: Terms) -> str:
        """Sign for one URL, which may have a query string of its own.

        Raises:
            ValueError: it is not percent-encoded.
        """
        if not terms.canned:
            return with_query(url, self.grant(url, terms).query)
        signature = self._signature(canned(url, terms.expires))
        query = f"Expires={terms.expires}&Signature={signature}&Key-Pair-Id={self.key_id}"
        return with_query(url, query + self._tail)

    def grant(self, resource: str, terms: Terms) -> Grant:
        """Sign for every URL that matches `resource`, once for all of them.

        Raises:
            ValueError: as `url`.
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
    """A URL with more in its query string."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).translate(_URL_SAFE).decode("ascii")


def _tail(hash_algorithm: str) -> str:
    return "" if hash_algorithm == "SHA1" else f"&Hash-Algorithm={hash_algorithm}"
