"""ContainerService: a service in containers on Fargate behind a load balancer."""

from .component import ContainerService, ContainerServiceArgs

__all__ = ["ContainerService", "ContainerServiceArgs"]
