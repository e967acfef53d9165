"""Serves a Lambda handler over HTTP, in a container or on an instance.

    python -m service_server app:handler

The handler gets the proxy events of a REST API of API Gateway and returns its proxy responses, so
that the same code runs in all three homes. Settings come from the environment; see `Settings`.
"""

from .application import Application
from .settings import Settings

__all__ = ["Application", "Settings"]
