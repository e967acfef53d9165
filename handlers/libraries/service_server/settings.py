"""The settings of the server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    host: str = "0.0.0.0"
    """Address to listen on. Default: all, since load balancers connect from outside."""
    port: int = 8080
    """Port to listen on."""
    health_path: str = "/health"
    """Path of the health check, which the server answers itself."""
    request_timeout: int = 30
    """Time that a request may take, in seconds. The handler can ask for the rest of it. When the
    server stops, it waits as long for the requests in flight."""
    threads: int = 8
    """Number of requests that are handled at the same time."""
