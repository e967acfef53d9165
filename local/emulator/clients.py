"""boto3 clients of one emulator, independent of the caller's AWS configuration."""

import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from .settings import ADMINISTRATOR

# Creating clients is not thread-safe in boto3; using them is.
_making = threading.Lock()


class Clients:
    """Caches clients because creating one takes tens of milliseconds."""

    def __init__(
        self, endpoint: str, secret: str, check: Callable[[Any, Any], None] | None = None
    ) -> None:
        """Prepares clients of an emulator.

        Args:
            endpoint: Address of the emulator.
            secret: The administrator's secret access key.
            check: Receives the operation's model and the parameters of each call before it.
        """
        self.endpoint = endpoint
        self._administrator = administrator(secret)
        self._check = check
        self._clients: dict[tuple[object, ...], Any] = {}

    def get(self, service: str, region: str, credentials: dict[str, str]) -> Any:
        key = (service, region, *sorted(credentials.items()))
        with _making:
            if key not in self._clients:
                client = _isolated_session().client(  # type: ignore[call-overload]
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    # An empty mapping, so that local calls do not use HTTP_PROXY.
                    config=Config(proxies={}, max_pool_connections=64),
                    **(credentials or self._administrator),
                )
                if self._check:
                    client.meta.events.register_last("before-parameter-build", self._before)
                self._clients[key] = client
            return self._clients[key]

    def _before(self, params: Any, model: Any, **_: Any) -> None:
        if self._check:
            self._check(model, params)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def administrator(secret: str) -> dict[str, str]:
    """Returns the administrator's credentials, as keyword arguments of a boto3 client."""
    return {"aws_access_key_id": ADMINISTRATOR, "aws_secret_access_key": secret}


@cache
def _isolated_session() -> boto3.session.Session:
    """Returns a session without profiles and ~/.aws: a stale AWS_PROFILE would break every call.

    All emulators of this process share it, because it caches the service models.
    """
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return boto3.session.Session(botocore_session=session)
