"""The client: valkey-py with retries, timeouts and login set for a cache."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import environment
import iam_token
from valkey import Valkey
from valkey.backoff import NoBackoff
from valkey.credentials import CredentialProvider
from valkey.exceptions import (
    AuthenticationError,
    ConnectionError,
    NoPermissionError,
    TimeoutError,
    ValkeyError,
)
from valkey.retry import Retry


class CacheUnavailable(Exception):
    """The cache does not answer, or not in time. A write may have happened."""


class CacheRefused(CacheUnavailable):
    """The cache refuses the login or the command: a permission is missing."""


@dataclass(frozen=True)
class Settings:
    """The environment."""

    cache_host: str
    cache_port: int
    cache_user: str
    cache_name: str
    ca_file: str = ""
    """PEM file of the authority to trust instead of the public ones. Default: the public ones."""


class _Login(CredentialProvider):
    """Signs a token for each new connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get_credentials(self) -> tuple[str, str]:
        user = self._settings.cache_user
        return user, iam_token.cache_token(self._settings.cache_name, user)


class Cache:
    """A cache, with connections that are opened on first use and shared by threads.

    Args:
        settings: The cache and its user. Default: from the environment.
        timeout: Seconds to wait for an answer, and again for a new connection. Default: 0.2.

    Raises:
        environment.BadEnvironment: a variable is missing.
    """

    def __init__(self, settings: Settings | None = None, *, timeout: float = 0.2) -> None:
        settings = settings or environment.read(Settings)
        self._timeout = timeout
        self._client = Valkey(
            host=settings.cache_host,
            port=settings.cache_port,
            credential_provider=_Login(settings),
            ssl=True,
            ssl_ca_certs=settings.ca_file or None,
            ssl_check_hostname=True,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            socket_keepalive=True,
            # valkey-py would repeat a failed login with growing pauses.
            retry=Retry(NoBackoff(), 0),
            # Two round trips less for each connection.
            lib_name=None,
            lib_version=None,
        )

    def get(self, key: str) -> bytes | None:
        """Return a value, or None. Raises CacheUnavailable."""
        found: bytes | None = self._try(lambda: self._client.get(key))
        return found

    def set(self, key: str, value: bytes | str, seconds: float) -> None:
        """Store a value for some seconds. Raises CacheUnavailable."""
        self._try(lambda: self._client.set(key, value, px=_milliseconds(seconds)))

    def add(self, key: str, value: bytes | str, seconds: float) -> bool:
        """Store a value if there is none, and return whether it was stored.

        Of many callers at once one gets True, so that one asks the origin. Raises CacheUnavailable.
        """
        stored = self._try(lambda: self._client.set(key, value, px=_milliseconds(seconds), nx=True))
        return bool(stored)

    def delete(self, key: str) -> None:
        """Remove a value if there is one. Raises CacheUnavailable."""
        self._try(lambda: self._client.delete(key))

    def close(self) -> None:
        """Close all connections. The next call opens new ones."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _try(self, call: Callable[[], Any]) -> Any:
        """Call, and again at once if the connection was closed meanwhile, as after 12 hours."""
        started = time.monotonic()
        for last in (False, True):
            try:
                return call()
            except (AuthenticationError, NoPermissionError) as error:
                raise CacheRefused(str(error)) from error
            except TimeoutError as error:
                raise CacheUnavailable(f"no answer in {self._timeout} s") from error
            except ConnectionError as error:
                if last or time.monotonic() - started > self._timeout / 2:
                    raise CacheUnavailable(str(error)) from error
            except (ValkeyError, OSError) as error:
                raise CacheUnavailable(str(error)) from error
        raise AssertionError("unreachable")


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
