"""Two versions of a service at one domain name."""

import platform
import sys

import pulumi
import pulumi_aws as aws

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
balancer = network.load_balancer()
name = "catalogue.services.internal"
# Of no version, so that each of them can be removed.
aws.route53.Record(
    "catalogue",
    zone_id=network.private_zone_id,
    name=name,
    type="A",
    aliases=[
        {
            "name": balancer["dns_name"],
            "zone_id": balancer["zone_id"],
            "evaluate_target_health": False,
        }
    ],
)
settings = {
    "network": network.placement(),
    "load_balancer": balancer,
    "domain": {"name": name},
    "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    "architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
    "start_seconds": 10,
    "min_tasks": 1,
}
v1 = ContainerService(
    "catalogue-v1",
    {
        **settings,
        "code": "v1",
        "openapi": "paths: {'/v1/products/{productId}': {}}",
        "paths": ["/v1/*"],
        "sunset": "2027-06-30",
    },
)
v2 = ContainerService(
    "catalogue-v2",
    {
        **settings,
        "code": "v2",
        "openapi": "paths: {'/v2/products/{id}': {}}",
        "paths": ["/v2/*"],
        "deployment": {"strategy": "canary"},
    },
)
pulumi.export("v1", v1.url)
pulumi.export("v2", v2.url)
