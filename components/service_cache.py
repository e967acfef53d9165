"""ServiceCache: an ElastiCache Serverless cache (Valkey) to which services log in with IAM."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from ._blocks.access import AccessArgs, allow
from ._blocks.alarms import Alarms
from ._blocks.arguments import Between, OneOf, Problems, declare, resolve
from ._blocks.placement import PlacementArgs
from ._blocks.store_groups import StoreGroups, check_name

_PORTS = (6379, 6380)
"""Of the two endpoints: the second one reads with less latency from replicas.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/GettingStarted.serverless-valkey.step1.html"""
_MAX_SUBNETS = 3
_RIGHTS = "on ~* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous"
"""All of the data, and nothing that concerns other clients or the server: no FLUSHALL, no KEYS."""
_FULL = 0.9


class ServiceCacheArgs(TypedDict):
    network: PlacementArgs
    """Where in a VPC the cache is: what `Network.private_placement` returns."""
    version: NotRequired[str]
    """Major version of Valkey: `7`, `8` or `9`. Default: `8`."""
    max_data: NotRequired[int]
    """Size of the data in GB at which the cache evicts what was used least recently, 1 to 5000. It
    limits the cost of storage. Default: 1."""
    max_units_per_second: NotRequired[int]
    """ElastiCache processing units in each second, 1000 to 15000000, above which requests are
    throttled. It limits the cost of requests: a request of up to 1 kB takes one. Default: 10000."""
    snapshot_retention_days: NotRequired[int]
    """Retention of daily snapshots, 0 to 35 days; 0 makes none. Default: 0."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    ServiceCacheArgs,
    defaults={
        "version": "8",
        "max_data": 1,
        "max_units_per_second": 10_000,
        "snapshot_retention_days": 0,
    },
    limits={
        "version": OneOf(("7", "8", "9")),
        "max_data": Between(1, 5000, "GB"),
        "max_units_per_second": Between(1000, 15_000_000, "units"),
        "snapshot_retention_days": Between(0, 35, "days"),
    },
)


class ServiceCache(pulumi.ComponentResource):
    """A Valkey cache that grows with its data, up to `max_data`.

    Default settings: encrypted at rest and in transit; the only user logs in with an IAM token of
    15 minutes and has no password; the default user is not in the user group, so nobody gets in
    without a login. Only members of `client_security_group_id` reach the cache. Alarms on throttled
    requests and on a full cache are included.
    """

    cache_name: pulumi.Output[str]
    """Name of the cache."""
    cache_arn: pulumi.Output[str]
    """ARN of the cache."""
    user_name: pulumi.Output[str]
    """Name of the user that services log in as, which is its ID too."""
    user_arn: pulumi.Output[str]
    """ARN of the user."""
    host: pulumi.Output[str]
    """Host name of the cache."""
    port: pulumi.Output[int]
    """Port of the cache."""
    client_security_group_id: pulumi.Output[str]
    """ID of the security group that functions, tasks and instances join to reach the cache."""

    def __init__(
        self, name: str, args: ServiceCacheArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:ServiceCache", name, {}, opts)
        args = resolve("ServiceCache", name, ServiceCacheArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)

        groups = StoreGroups(
            name, parent=self, vpc_id=args["network"]["vpc_id"], what="cache", ports=_PORTS
        )
        user, members = self._create_user(groups)
        cache = self._create_cache(groups, members)
        self._create_alarms(cache)

        endpoint = cache.endpoints[0]
        outputs = {
            "cache_name": cache.name,
            "cache_arn": cache.arn,
            "user_name": user.user_name,
            "user_arn": user.arn,
            "host": endpoint.address,
            "port": endpoint.port,
            "client_security_group_id": groups.client_id,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_read_write(self) -> AccessArgs:
        """Access of a service that reads and writes; for the library `cache`, its environment has
        `CACHE_HOST`, `CACHE_PORT`, `CACHE_USER` and `CACHE_NAME`.

        The service joins `client_security_group_id`.
        """
        return {
            "environment": {
                "CACHE_HOST": self.host,
                "CACHE_PORT": self.port.apply(lambda port: str(int(port))),
                "CACHE_USER": self.user_name,
                "CACHE_NAME": self.cache_name,
            },
            "statements": [allow(["elasticache:Connect"], self.cache_arn, self.user_arn)],
            "security_group_ids": [self.client_security_group_id],
        }

    def _create_user(
        self, groups: StoreGroups
    ) -> tuple[aws.elasticache.User, aws.elasticache.UserGroup]:
        name = groups.unique(self._name)
        user = aws.elasticache.User(
            f"{self._name}-user",
            user_id=name,
            user_name=name,
            engine="valkey",
            access_string=_RIGHTS,
            authentication_mode={"type": "iam"},
            opts=self._opts,
        )
        members = aws.elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=name,
            engine="valkey",
            user_ids=[user.user_id],
            opts=self._opts,
        )
        return user, members

    def _create_cache(
        self, groups: StoreGroups, members: aws.elasticache.UserGroup
    ) -> aws.elasticache.ServerlessCache:
        args = self._args
        subnets = pulumi.Output.from_input(args["network"]["subnet_ids"])
        return aws.elasticache.ServerlessCache(
            f"{self._name}-cache",
            engine="valkey",
            major_engine_version=args["version"],
            description=f"Cache {self._name}",
            subnet_ids=subnets.apply(lambda ids: list(ids)[:_MAX_SUBNETS]),
            security_group_ids=[groups.id],
            user_group_id=members.user_group_id,
            cache_usage_limits={
                "data_storage": {"maximum": args["max_data"], "unit": "GB"},
                "ecpu_per_seconds": [{"maximum": args["max_units_per_second"]}],
            },
            snapshot_retention_limit=args["snapshot_retention_days"],
            opts=self._opts,
        )

    def _create_alarms(self, cache: aws.elasticache.ServerlessCache) -> None:
        alarms = Alarms(self._name, self, self._args.get("alarm_topic_arn"))
        # "Serverless metrics and events for Valkey and Redis OSS" in the user guide of ElastiCache
        dimensions = {"clusterId": cache.name}
        alarms.above(
            "throttled",
            0,
            "AWS/ElastiCache/ThrottledCmds",
            dimensions,
            entry="cache-throttled",
            meaning="The cache throttles requests: `max_units_per_second` is reached.",
            minutes=3,
        )
        alarms.above(
            "full",
            _FULL * self._args["max_data"] * 1e9,
            "AWS/ElastiCache/BytesUsedForCache",
            dimensions,
            statistic="Maximum",
            entry="cache-full",
            meaning="The cache is nearly full: `max_data` is reached, and it evicts values.",
            minutes=15,
        )


def _check(problems: Problems, _args: ServiceCacheArgs) -> None:
    check_name(problems)
