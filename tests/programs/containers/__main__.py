"""Two services in containers; one calls the other."""

import platform
import sys

import pulumi

from components import ContainerService, Network

network = Network(
    "net",
    {
        "egress": "public",
        "zone_count": 2,
        "private_zone_name": "services.internal",
        "load_balancer": {"deletion_protection": False},
    },
)
arm = platform.machine() in ("arm64", "aarch64")
settings = {
    "network": network.placement(),
    "load_balancer": network.load_balancer(),
    "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    "architecture": "arm64" if arm else "x86_64",
    "start_seconds": 10,
}


def domain(name: str) -> dict:
    return {"name": f"{name}.services.internal", "zone_id": network.private_zone_id}


catalogue = ContainerService(
    "catalogue",
    {
        **settings,
        "code": "catalogue",
        "domain": domain("catalogue"),
        "deployment": {"strategy": "canary", "percent": 10, "bake_minutes": 1},
    },
)
caller = ContainerService(
    "caller",
    {
        **settings,
        "code": "caller",
        "domain": domain("caller"),
        "min_tasks": 1,
        "access": [catalogue.grant_call()],
    },
)
pulumi.export("catalogue", catalogue.url)
pulumi.export("caller", caller.url)
pulumi.export("image", catalogue.image)
pulumi.export("role", catalogue.task_role_arn)
