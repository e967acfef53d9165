"""Database: a PostgreSQL database with its logins and its schema."""

import re
from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.access import AccessArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, OneOf, Problems, declare, resolve
from .._blocks.function import FunctionsArgs
from .._blocks.log_retention import LOG_RETENTION_DAYS
from .._blocks.placement import PlacementArgs
from .._blocks.store_groups import StoreGroups, check_name
from .migrations import Migrations, read_migrations
from .monitoring import create_alarms
from .servers import MANAGER, PORT, Cluster, Instance, Server

_NAME = Matches(r"[a-z][a-z0-9_]{0,62}", "a name in lowercase: 'ledger'")
_RESERVED = re.compile(rf"{MANAGER}|postgres|public|rds.*|pg_.*|aws.*|none|user|all")
_WINDOW = (
    r"(mon|tue|wed|thu|fri|sat|sun):[0-2]\d:[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):[0-2]\d:[0-5]\d"
)
_RDS_ONLY = ("instance_class", "storage", "max_storage")
_AURORA_ONLY = ("min_capacity", "max_capacity")
_OWN_DEFAULTS = {
    "instance_class": "db.t4g.micro",
    "storage": 20,
    "max_storage": 100,
    "min_capacity": 1,
    "max_capacity": 4,
}
"""Not in `declare`, so that an argument of the other engine is noticed."""


class DatabaseArgs(TypedDict):
    network: PlacementArgs
    """Where in a VPC the database is: what `Network.private_placement` returns."""
    engine: NotRequired[str]
    """`rds` (an instance) or `aurora` (Aurora Serverless v2). Default: `rds`."""
    version: NotRequired[str]
    """Major version of PostgreSQL: `16`, `17` or `18`. Minor versions are installed by AWS in the
    `maintenance_window`. Default: `18`."""
    database_name: NotRequired[str]
    """Name of the database in PostgreSQL. Default: `app`."""
    logins: NotRequired[Sequence[str]]
    """Roles that services log in as, with IAM tokens: `["app"]`. They read and write the tables of
    the schema `public`, and change no schema. A role that is removed from the list can no longer
    log in. Default: `["app"]`."""
    migrations: NotRequired[str]
    """Folder with the schema: files `0001_accounts.sql`, `0002_bookings.sql`, ..., each run once
    and in a transaction, in this order. Default: none."""
    instance_class: NotRequired[str]
    """Size of an `rds` instance: `db.m8g.large`. Default: `db.t4g.micro`."""
    storage: NotRequired[int]
    """Storage of an `rds` instance in GiB, 20 to 65536. Default: 20."""
    max_storage: NotRequired[int]
    """Size in GiB up to which AWS extends the storage of an `rds` instance. Default: 100."""
    min_capacity: NotRequired[int]
    """Smallest size of `aurora` in capacity units (2 GiB of memory each), 0 to 256. With 0 it
    pauses when nobody uses it; the first login then waits for about 15 seconds. Default: 1."""
    max_capacity: NotRequired[int]
    """Largest size of `aurora` in capacity units, 1 to 256. Default: 4."""
    standby: NotRequired[bool]
    """Whether a second instance in another zone takes over when the first one fails: Multi-AZ with
    `rds`, a reader with `aurora`. It costs as much as the first one. Default: true."""
    backup_retention_days: NotRequired[int]
    """Days to which the database can be restored at any second, 1 to 35. Default: 14."""
    maintenance_window: NotRequired[str]
    """Time of updates, in UTC, at least 30 minutes. Default: `sun:04:00-sun:05:00`."""
    retain_data: NotRequired[bool]
    """Whether the database is protected from deletion, and its deletion makes a final snapshot and
    keeps the backups. Default: true."""
    log_retention_days: NotRequired[int]
    """Retention of the database's logs, one of CloudWatch's steps in days (1, 3, 5, 7, 14, 30,
    ...). Default: 30."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions that create logins and schema. Default: arm64, Python 3.13, 30 days
    of logs."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    DatabaseArgs,
    defaults={
        "engine": "rds",
        "version": "18",
        "database_name": "app",
        "logins": ["app"],
        "standby": True,
        "backup_retention_days": 14,
        "maintenance_window": "sun:04:00-sun:05:00",
        "retain_data": True,
        "log_retention_days": 30,
        "functions": {},
    },
    limits={
        "engine": OneOf(("rds", "aurora")),
        "version": OneOf(("16", "17", "18")),
        "database_name": _NAME,
        "logins": _NAME,
        "instance_class": Matches(r"db\.[a-z0-9.]+", "an instance class: 'db.t4g.micro'"),
        "storage": Between(20, 65_536, "GiB"),
        "max_storage": Between(20, 65_536, "GiB"),
        "min_capacity": Between(0, 256, "units"),
        "max_capacity": Between(1, 256, "units"),
        "backup_retention_days": Between(1, 35, "days"),
        "maintenance_window": Matches(_WINDOW, "a window: 'sun:04:00-sun:05:00'"),
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
    },
)


class Database(pulumi.ComponentResource):
    """A PostgreSQL database on RDS or Aurora.

    Default settings: encrypted; TLS only; not public; a standby in another zone; backups of 14
    days; protected from deletion. Services log in with IAM tokens, so that no service has a
    password. The password of the master user `manager` is managed by RDS in Secrets Manager; only a
    function of the component reads it. It creates the logins and runs the migrations with each
    deployment that changes them; a migration that fails is rolled back and fails the deployment
    with its name. Only members of `client_security_group_id` reach the database. Logs are
    exported. Alarms on CPU, storage or capacity, and errors of the functions are included.
    """

    host: pulumi.Output[str]
    """Host name of the database, which follows a failover."""
    port: pulumi.Output[int]
    """Port of the database."""
    database_name: pulumi.Output[str]
    """Name of the database in PostgreSQL."""
    database_arn: pulumi.Output[str]
    """ARN of the instance or cluster."""
    resource_id: pulumi.Output[str]
    """ID of the instance or cluster in the ARNs of `rds-db:connect`."""
    secret_arn: pulumi.Output[str]
    """ARN of the secret with the password of the master user."""
    client_security_group_id: pulumi.Output[str]
    """ID of the security group that functions, tasks and instances join to reach the database."""

    def __init__(
        self, name: str, args: DatabaseArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:Database", name, {}, opts)
        args = resolve("Database", name, DatabaseArgs, args, _check)
        self._logins = list(args["logins"])
        alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        groups = StoreGroups(
            name,
            parent=self,
            vpc_id=args["network"]["vpc_id"],
            what="database",
            ports=(PORT, PORT),
        )
        server = self._create_server(name, args, groups)
        Migrations(
            name,
            parent=self,
            server=server,
            network=args["network"],
            client_group_id=groups.client_id,
            logins=self._logins,
            files=read_migrations(args["migrations"]) if "migrations" in args else {},
            settings=args["functions"],
            alarms=alarms,
        )
        create_alarms(alarms, server)

        outputs = {
            "host": server.host,
            "port": server.port,
            "database_name": pulumi.Output.from_input(args["database_name"]),
            "database_arn": server.arn,
            "resource_id": server.resource_id,
            "secret_arn": server.secret_arn,
            "client_security_group_id": groups.client_id,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_login(self, login: str = "app") -> AccessArgs:
        """Access of a service that logs in as one of `logins`; for the library `postgres`, its
        environment has `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_NAME` and `DATABASE_USER`.

        The service joins `client_security_group_id`.

        Raises:
            ValueError: `login` is not one of `logins`.
        """
        if login not in self._logins:
            known = ", ".join(self._logins)
            raise ValueError(f"'{login}' is not one of the `logins` of the database: {known}")
        user = pulumi.Output.all(self.database_arn, self.resource_id).apply(
            lambda parts: _user_arn(parts[0], parts[1], login)
        )
        return {
            "environment": {
                "DATABASE_HOST": self.host,
                "DATABASE_PORT": self.port.apply(lambda port: str(int(port))),
                "DATABASE_NAME": self.database_name,
                "DATABASE_USER": login,
            },
            "statements": [allow(["rds-db:connect"], user)],
            "security_group_ids": [self.client_security_group_id],
        }

    def _create_server(self, name: str, args: DatabaseArgs, groups: StoreGroups) -> Server:
        kind = Instance if args["engine"] == "rds" else Cluster
        own = {key: args.get(key, value) for key, value in _OWN_DEFAULTS.items()}
        return kind(
            name,
            {**own, **args},  # type: ignore[typeddict-item]
            parent=self,
            group_id=groups.id,
            identifier=groups.unique(name),
        )


def _user_arn(arn: str, resource_id: str, login: str) -> str:
    _arn, partition, _rds, region, account, *_rest = arn.split(":")
    return f"arn:{partition}:rds-db:{region}:{account}:dbuser:{resource_id}/{login}"


def _check(problems: Problems, args: DatabaseArgs) -> None:
    check_name(problems)
    other = _AURORA_ONLY if args["engine"] == "rds" else _RDS_ONLY
    for key in other:
        problems.unless(key not in args, key, f"is not for the engine `{args['engine']}`")
    given = {**_OWN_DEFAULTS, **args}
    for low, high in (("storage", "max_storage"), ("min_capacity", "max_capacity")):
        problems.unless(
            given[low] <= given[high],  # type: ignore[operator]
            low,
            f"is {given[low]}; it must be at most `{high}` ({given[high]})",
        )
    logins = args["logins"]
    problems.unless(len(logins) > 0, "logins", "is empty; name a role for the services")
    problems.unless(len(set(logins)) == len(logins), "logins", "has a role twice")
    for number, each in enumerate(logins):
        problems.unless(
            not _RESERVED.fullmatch(each), f"logins[{number}]", f"is '{each}', a reserved name"
        )
    if "migrations" in args:
        try:
            read_migrations(args["migrations"])
        except ValueError as error:
            problems.add("migrations", str(error))
