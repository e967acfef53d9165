"""ServiceCode: the code of a service that runs in containers or on instances."""

import json
from collections.abc import Sequence
from pathlib import Path

from .bundle import Bundle

PORT = 8080
"""Port that services listen on, unless they are told another one by the variable PORT."""
HEALTH_PATH = "/health"
"""Path of the health check that the server answers."""


class ServiceCode:
    """A handler, its packages, and the server that calls it for HTTP requests.

    The same folder can be a Lambda function: the handler gets the proxy events of a REST API. See
    `handlers/libraries/service_server`.

    Args:
        source: code of the service; see `Bundle.source`.
        architecture: `arm64` or `x86_64`.
        python: minor version of Python.
        resources: resource paths of the API, such as `/products/{productId}`.

    Raises:
        BundleError: see `Bundle.folder`.
    """

    def __init__(
        self, source: str, architecture: str, python: str, resources: Sequence[str] = ()
    ) -> None:
        routes = (("routes.json", json.dumps(sorted(resources))),) if resources else ()
        self._bundle = Bundle(source, architecture, python, routes, ("service_server",))
        module = self._bundle.handler.rpartition(".")[0]
        self.command = ["python", "-m", "service_server", f"{module}:handler"]
        """The command that starts the server, in the folder of the unpacked archive."""
        self.python, self.architecture = python, architecture

    def build(self) -> Path:
        """Write the archive unless it is there already, and return its path.

        Raises:
            BundleError: see `Bundle.build`.
        """
        return Path(self._bundle.build())
