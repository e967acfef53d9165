"""A database and a cache, and a function that uses both."""

from pathlib import Path

import pulumi

from components import Database, Network, Queue, ServiceCache

HERE = Path(__file__).parent
config = pulumi.Config()
functions = {
    "architecture": config.require("lambdaArchitecture"),
    "python": config.require("lambdaPython"),
}

network = Network("net", {"zone_count": 2})
database = Database(
    "ledger",
    {
        "network": network.placement(),
        "engine": config.get("engine") or "rds",
        "database_name": "ledger",
        "logins": ["app", "reports"],
        "migrations": str(HERE / "schema"),
        "standby": False,
        "retain_data": False,
        "functions": functions,
    },
)
cache = ServiceCache("prices", {"network": network.placement()})
user = Queue(
    "user",
    {
        "consumer": {
            "code": str(HERE / "user"),
            "vpc": {"subnet_ids": network.placement()["subnet_ids"], "security_group_ids": []},
            "access": [database.grant_login(), cache.grant_read_write()],
        },
        "functions": functions,
    },
)

pulumi.export("function", user.function_name)
pulumi.export("host", database.host)
pulumi.export("port", database.port)
pulumi.export("databaseArn", database.database_arn)
pulumi.export("secretArn", database.secret_arn)
