"""CloudFront in front of a load balancer of another program."""

import pulumi

from components import EdgeCache

config = pulumi.Config()
edge = EdgeCache(
    "edge",
    {
        "load_balancer_arn": config.require("balancer"),
        "port": config.get_int("port") or 80,
        "cached_paths": {"/releases/*": {"cache_seconds": 3600}},
    },
)
pulumi.export("id", edge.distribution_id)
