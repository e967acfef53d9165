"""A service on instances behind a load balancer of its own."""

import platform
import sys

import pulumi

from components import AutoscaledService, Network

network = Network("net", {"zone_count": 2, "interface_endpoints": ["logs"]})
arm = platform.machine() in ("arm64", "aarch64")
ledger = AutoscaledService(
    "ledger",
    {
        "network": network.placement(),
        "code": "ledger",
        "python": "{}.{}".format(*sys.version_info),
        "architecture": "arm64" if arm else "x86_64",
        "deletion_protection": False,
        "bake_minutes": 5,
    },
)
pulumi.export("url", ledger.url)
pulumi.export("group", ledger.group_name)
