"""AutoscaledService: a service on instances of an EC2 Auto Scaling group behind a load balancer."""

import re
from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, check_access, security_groups
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, Matches, OneOf, Problems, declare, resolve
from .._blocks.load_balancer import IDLE_SECONDS, LoadBalancerArgs
from .._blocks.log_retention import LOG_RETENTION_DAYS
from .._blocks.placement import PlacementArgs, check_reach
from .._blocks.resource_paths import check_resources, resource_paths
from .._blocks.runtimes import ARCHITECTURES, PYTHONS
from .._blocks.service_code import HEALTH_PATH, PORT, ServiceCode
from .._blocks.service_target import (
    HEALTH_PATHS,
    PATHS,
    ServiceDomainArgs,
    ServiceTarget,
    check_target,
)
from .._blocks.sunset import check_sunset, sunset_variable
from .group import create_group, create_scaling
from .instances import Instances
from .monitoring import create_refresh_alarm
from .mounts import MountArgs, check_mounts
from .refresh import MAX_REFRESH_SECONDS, create_refresh

_STOP_MARGIN_SECONDS = 15
_OWN_VARIABLES = ("PORT", "HEALTH_PATH", "REQUEST_TIMEOUT", "SUNSET")
_BATCHES = 2
"""At most half of the instances are replaced at a time."""
_BATCH_SECONDS = 60
"""Launch, draining and termination of a batch."""


class AutoscaledServiceArgs(TypedDict):
    network: PlacementArgs
    """Where the instances run: what `Network.placement` returns."""
    code: str
    """Folder with the `app.py` of the service, or the name of a service of this package. Its
    `handler(event, context)` gets the proxy events of a REST API, as a function behind API Gateway.
    """
    openapi: NotRequired[str]
    """Text of the OpenAPI document of the service, whose paths are the `resource` of events.
    Default: none; each path is a resource."""
    python: NotRequired[str]
    """Python version of the `code`: `3.12` to `3.14`. Default: `3.13`."""
    architecture: NotRequired[str]
    """Instruction set architecture: `arm64` or `x86_64`. Default: `arm64`."""
    instance_type: NotRequired[str]
    """Type of the instances, of the `architecture`. Packages need 1 GiB of memory to be installed.
    Default: `t4g.micro`, or `t3.micro` for `x86_64`."""
    ami_id: NotRequired[pulumi.Input[str]]
    """AMI of the instances, of Amazon Linux 2023 and not its minimal form. Default: the latest one,
    so that an update replaces the instances when AWS publishes another one."""
    port: NotRequired[int]
    """Port that the service listens on, 1024 to 65535. Default: 8080."""
    health_path: NotRequired[str]
    """Path of the health check, which the server answers itself. Default: `/health`."""
    request_timeout: NotRequired[int]
    """Time that a request may take, 1 to 59 seconds, less than the load balancer waits.
    Default: 30."""
    stop_timeout: NotRequired[int]
    """Time from SIGTERM to SIGKILL, 2 to 120 seconds; more than `request_timeout`. Default: 15 more
    than `request_timeout`."""
    start_seconds: NotRequired[int]
    """Time that a new instance has to get healthy, 30 to 300 seconds. Each half of the instances
    takes so long to be replaced. Default: 180."""
    bake_minutes: NotRequired[int]
    """Time after the last replacement in which an alarm on server errors brings the last version
    back, 0 to 5 minutes. Default: 2."""
    min_instances: NotRequired[int]
    """Minimum number of instances, 1 to 1000; two or more survive the loss of a zone. Default: 2.
    """
    max_instances: NotRequired[int]
    """Maximum number of instances, 1 to 1000. Default: 4, or `min_instances` if that is more."""
    cpu_percent: NotRequired[int]
    """CPU utilization at which autoscaling keeps the instances, 10 to 90 percent. Default: 60."""
    requests_per_minute: NotRequired[int]
    """Requests of an instance in a minute at which autoscaling keeps the instances, 1 to 1000000.
    Default: autoscaling looks at the CPU only."""
    mounts: NotRequired[Sequence[MountArgs]]
    """File systems that the instances share. Default: none."""
    load_balancer: NotRequired[LoadBalancerArgs]
    """A load balancer that services share: what `Network.load_balancer` returns. Default: one of
    the service's own, billed by the hour."""
    internet_facing: NotRequired[bool]
    """Whether the internet reaches the service's own load balancer. Requires `domain`.
    Default: false."""
    deletion_protection: NotRequired[bool]
    """Whether AWS refuses to delete the service's own load balancer. Default: true."""
    domain: NotRequired[ServiceDomainArgs]
    """Domain name of the service. Required with `load_balancer`. Default: the name of the load
    balancer."""
    paths: NotRequired[Sequence[str]]
    """Paths of the service at its domain name, as for one of several versions: `["/v1/*"]`.
    Default: all."""
    sunset: NotRequired[str | None]
    """When this version of the service is withdrawn, `2027-06-30` or in the form of HTTP dates.
    The environment then has `SUNSET`, which the library `api` makes the header `Sunset` (RFC 8594)
    of every response; other code must send it itself. Default: never."""
    access: NotRequired[Sequence[AccessArgs]]
    """What is granted to the service: what `grant_...` methods return, such as `grant_call` of a
    service that it calls. Default: none."""
    log_retention_days: NotRequired[int]
    """Retention of logs in CloudWatch, one of its steps in days (1, 3, 5, 7, 14, 30, ...).
    Default: 30."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    AutoscaledServiceArgs,
    defaults={
        "python": "3.13",
        "architecture": "arm64",
        "port": PORT,
        "health_path": HEALTH_PATH,
        "request_timeout": 30,
        "start_seconds": 180,
        "bake_minutes": 2,
        "min_instances": 2,
        "cpu_percent": 60,
        "mounts": [],
        "internet_facing": False,
        "deletion_protection": True,
        "paths": ["/*"],
        "access": [],
        "log_retention_days": 30,
    },
    limits={
        "python": OneOf(PYTHONS),
        "architecture": OneOf(ARCHITECTURES),
        "instance_type": Matches(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "a type: 't4g.micro'"),
        "port": Between(1024, 65_535),
        "health_path": HEALTH_PATHS,
        "request_timeout": Between(1, IDLE_SECONDS - 1, "seconds"),
        "stop_timeout": Between(2, 120, "seconds"),
        "start_seconds": Between(30, 300, "seconds"),
        "bake_minutes": Between(0, 5, "minutes"),
        "min_instances": Between(1, 1000, "instances"),
        "max_instances": Between(1, 1000, "instances"),
        "cpu_percent": Between(10, 90, "percent"),
        "requests_per_minute": Between(1, 1_000_000, "requests"),
        "paths": PATHS,
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
    },
)


class AutoscaledService(pulumi.ComponentResource):
    """A service on instances of an EC2 Auto Scaling group.

    Default settings: Amazon Linux 2023 on arm64; at least two instances over all zones; an internal
    load balancer that only members of a security group reach; metadata with tokens only; encrypted
    volumes; no SSH, but sessions of Systems Manager; a role with only the permissions of `access`.
    A new version replaces the instances, healthy ones first. If they do not get healthy, or answer
    with server errors, the last version is restored and the update fails. Alarms on errors,
    unhealthy targets and failed refreshes are included.
    """

    url: pulumi.Output[str]
    """Address of the service."""
    group_name: pulumi.Output[str]
    """Name of the Auto Scaling group."""
    log_group_name: pulumi.Output[str]
    """Name of the log group of the instances."""
    instance_role_arn: pulumi.Output[str]
    """ARN of the role of the instances."""
    security_group_id: pulumi.Output[str]
    """ID of the security group of the instances."""
    client_security_group_id: pulumi.Output[str]
    """ID of the security group whose members may call the service; empty if its load balancer has
    none."""

    def __init__(
        self, name: str, args: AutoscaledServiceArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:AutoscaledService", name, {}, opts)
        args = resolve("AutoscaledService", name, AutoscaledServiceArgs, args, _check)
        self._name, self._args = name, args
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._target = self._create_target()
        instances, template = self._create_template()
        group = self._create_group(template, instances.policy)
        self._create_scaling(group)
        self._create_refresh(group, template, instances.role_arn)
        create_refresh_alarm(name, group, self._alarms, parent=self)

        clients = self._target.load_balancer.get("client_security_group_id", "")
        outputs = {
            "url": self._target.url,
            "group_name": group.name,
            "log_group_name": instances.log_group_name,
            "instance_role_arn": instances.role_arn,
            "security_group_id": self._target.group_id,
            "client_security_group_id": pulumi.Output.from_input(clients),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_call(self, name: str = "") -> AccessArgs:
        """What another service needs to call this one.

        Args:
            name: name in the caller's environment, `ledger` for `LEDGER_URL`. Default: the name of
                the component.
        """
        return self._target.grant_call(name or self._name)

    def _create_target(self) -> ServiceTarget:
        args = self._args
        return ServiceTarget(
            self._name,
            parent=self,
            network=args["network"],
            target_type="instance",
            port=args["port"],
            health_path=args["health_path"],
            load_balancer=args.get("load_balancer"),
            internet_facing=args["internet_facing"],
            domain=args.get("domain"),
            paths=args["paths"],
            deletion_protection=args["deletion_protection"],
            gradual=False,
            alarms=self._alarms,
        )

    def _create_template(self) -> tuple[Instances, aws.ec2.LaunchTemplate]:
        args = self._args
        code = ServiceCode(
            args["code"], args["architecture"], args["python"], resource_paths(args.get("openapi"))
        )
        instances = Instances(
            self._name, code, parent=self, log_retention_days=args["log_retention_days"]
        )
        template = instances.create_template(
            instance_type=_instance_type(args),
            ami_id=args.get("ami_id"),
            security_group_ids=self._security_groups(),
            public_ip=args["network"].get("assign_public_ip", False),
            access=args["access"],
            environment={
                "PORT": str(args["port"]),
                "HEALTH_PATH": args["health_path"],
                "REQUEST_TIMEOUT": str(args["request_timeout"]),
                **sunset_variable(args.get("sunset")),
            },
            stop_seconds=_stop_timeout(args),
            mounts=args["mounts"],
        )
        return instances, template

    def _security_groups(self) -> pulumi.Output[Sequence[str]]:
        """Return the IDs of the instances' security groups, each once."""
        own = security_groups([self._target.group_id], self._args["access"])
        mounts = [each["security_group_id"] for each in self._args["mounts"]]
        return pulumi.Output.all(own, *mounts).apply(
            lambda ids: list(dict.fromkeys([*ids[0], *ids[1:]]))
        )

    def _create_group(
        self, template: aws.ec2.LaunchTemplate, policy: aws.iam.RolePolicy
    ) -> aws.autoscaling.Group:
        return create_group(
            self._name,
            template,
            self._target,
            parent=self,
            network=self._args["network"],
            min_instances=self._args["min_instances"],
            max_instances=_max_instances(self._args),
            start_seconds=self._args["start_seconds"],
            depends_on=policy,
        )

    def _create_scaling(self, group: aws.autoscaling.Group) -> None:
        create_scaling(
            self._name,
            group,
            self._target,
            parent=self,
            cpu_percent=self._args["cpu_percent"],
            requests_per_minute=self._args.get("requests_per_minute"),
        )

    def _create_refresh(
        self,
        group: aws.autoscaling.Group,
        template: aws.ec2.LaunchTemplate,
        role_arn: pulumi.Output[str],
    ) -> None:
        args = self._args
        create_refresh(
            self._name,
            group,
            template,
            parent=self,
            role_arn=role_arn,
            alarm_names=self._target.error_alarm_names,
            bake_minutes=args["bake_minutes"],
            settings={
                "architecture": args["architecture"],
                "python": args["python"],
                "log_retention_days": args["log_retention_days"],
            },
            alarms=self._alarms,
        )


def _instance_type(args: AutoscaledServiceArgs) -> str:
    return args.get("instance_type", "t4g.micro" if args["architecture"] == "arm64" else "t3.micro")


def _stop_timeout(args: AutoscaledServiceArgs) -> int:
    return args.get("stop_timeout", args["request_timeout"] + _STOP_MARGIN_SECONDS)


def _max_instances(args: AutoscaledServiceArgs) -> int:
    return args.get("max_instances", max(4, args["min_instances"]))


def _check(problems: Problems, args: AutoscaledServiceArgs) -> None:
    _check_instances(problems, args)
    _check_times(problems, args)
    check_target(
        problems,
        network=args["network"],
        load_balancer=args.get("load_balancer"),
        internet_facing=args["internet_facing"],
        domain=args.get("domain"),
    )
    check_resources(problems, args.get("openapi"))
    check_sunset(problems, args.get("sunset"))
    check_access(problems, "access", args["access"])
    check_mounts(problems, args["mounts"])
    check_reach(problems, args["network"], {"logs": "write logs"})
    for number, each in enumerate(args["access"]):
        for key in _OWN_VARIABLES:
            problems.unless(
                key not in each.get("environment", {}),
                f'access[{number}].environment["{key}"]',
                f"is set by `{key.lower()}` of the service",
            )


def _check_instances(problems: Problems, args: AutoscaledServiceArgs) -> None:
    low, high = args["min_instances"], _max_instances(args)
    problems.unless(
        low <= high, "min_instances", f"is {low}; it must be at most `max_instances` ({high})"
    )
    kind = _instance_type(args)
    # Types with Graviton processors have a g behind the generation: t4g, c7gn, im4gn.
    made_for = "arm64" if re.match(r"[a-z]+\d+g", kind) else "x86_64"
    problems.unless(
        made_for == args["architecture"],
        "instance_type",
        f"is '{kind}', whose processors are {made_for}; `architecture` is {args['architecture']}",
    )


def _check_times(problems: Problems, args: AutoscaledServiceArgs) -> None:
    stop, request = _stop_timeout(args), args["request_timeout"]
    problems.unless(
        stop > request,
        "stop_timeout",
        f"is {stop}; it must be more than `request_timeout` ({request}), or a stop breaks requests "
        "in flight",
    )
    start, bake = args["start_seconds"], args["bake_minutes"]
    needed = _BATCHES * (start + _BATCH_SECONDS) + 60 * bake
    problems.unless(
        needed <= MAX_REFRESH_SECONDS,
        "start_seconds",
        f"is {start}; with `bake_minutes` ({bake}) a refresh takes about {needed} seconds, and the "
        f"update can wait for {MAX_REFRESH_SECONDS}",
    )
