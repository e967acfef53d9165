"""The alarms of a database."""

from .._blocks.alarms import Alarms
from .servers import Instance, Server

_FREE = 0.1


def create_alarms(alarms: Alarms, server: Server) -> None:
    """Create alarms on what runs out."""
    if isinstance(server, Instance):
        alarms.above(
            "cpu",
            90,
            "AWS/RDS/CPUUtilization",
            server.dimensions,
            statistic="Average",
            minutes=15,
            entry="database-cpu",
            meaning="The CPU of the database is busy.",
        )
        alarms.below(
            "storage",
            _FREE * server.args["storage"] * 2**30,
            "AWS/RDS/FreeStorageSpace",
            server.dimensions,
            minutes=15,
            entry="database-storage",
            meaning="The database has little storage left, and AWS has not extended it.",
        )
        return
    alarms.above(
        "capacity",
        90,
        "AWS/RDS/ACUUtilization",
        server.dimensions,
        statistic="Average",
        minutes=15,
        entry="database-capacity",
        meaning="The database is near its `max_capacity`.",
    )
