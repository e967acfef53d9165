"""Policies, in the exact form that CloudFront hashes."""

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
    """Unix seconds before which it does not work; None for at once."""
    address: str | None = None
    """The only IPv4 address, or network in CIDR form, that it works from; None for any."""

    @property
    def canned(self) -> bool:
        """Whether CloudFront's short form of a policy can say it."""
        return self.starts is None and self.address is None


def canned(resource: str, expires: int) -> str:
    """The policy that CloudFront puts together itself from a URL and its `Expires`.

    Raises:
        ValueError: the resource is no encoded URL.
    """
    _check(resource)
    return (
        f'{{"Statement":[{{"Resource":"{resource}",'
        f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    )


def custom(resource: str, terms: Terms) -> str:
    """A policy that travels with the link; in `resource` `*` and `?` stand for any characters.

    Raises:
        ValueError: as `canned`.
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
