"""AutoscaledService: a service on instances of an EC2 Auto Scaling group."""

from .component import AutoscaledService, AutoscaledServiceArgs

__all__ = ["AutoscaledService", "AutoscaledServiceArgs"]
