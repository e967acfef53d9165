"""Creates policies, in the exact form that CloudFront hashes."""

import re
from dataclasses import dataclass

__all__ = ["Terms", "canned", "custom"]

_URL = re.compile(r"[!#-\[\]-~]+")  # visible ASCII; a quote or backslash would end the JSON text


@dataclass(frozen=True)
class Terms:
    """When and from where a link works."""

    expires: int
    """Time of expiry in Unix seconds."""
    starts: int | None = None
    """Unix seconds before which the link does not work. None: it works at once."""
    address: str | None = None
    """The only IPv4 address, or CIDR block, from which the link works. None: any address."""

    @property
    def canned(self) -> bool:
        """Whether a canned policy, the short form of CloudFront, is sufficient."""
        return self.starts is None and self.address is None


def canned(resource: str, expires: int) -> str:
    """Return the policy that CloudFront derives from a URL and its `Expires`.

    Raises:
        ValueError: the resource is not a percent-encoded URL.
    """
    _check(resource)
    return (
        f'{{"Statement":[{{"Resource":"{resource}",'
        f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    )


def custom(resource: str, terms: Terms) -> str:
    """Return a policy that is part of the link. `*` and `?` are wildcards in `resource`.

    Raises:
        ValueError: the resource is not a percent-encoded URL.
    """
    if terms.canned:
        return canned(resource, terms.expires)
    _check(resource)
    conditions = f'"DateLessThan":{{"AWS:EpochTime":{terms.expires}}}'
    if terms.address is not None:
        network = terms.address if "/" in terms.address else f"{terms.address}/32"
        conditions += f',"IpAddress":{{"AWS:SourceIp":"{network}"}}'
    if terms.starts is not None:
        conditions += f',"DateGreaterThan":{{"AWS:EpochTime":{terms.starts}}}'
    return f'{{"Statement":[{{"Resource":"{resource}","Condition":{{{conditions}}}}}]}}'


def _check(resource: str) -> None:
    if not _URL.fullmatch(resource):
        raise ValueError("a URL to sign is percent-encoded ASCII")
