"""ContainerService: a service in containers on Fargate behind a load balancer."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, allow, check_access, security_groups
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, OneOf, Problems, declare, resolve
from .._blocks.load_balancer import LoadBalancerArgs
from .._blocks.log_retention import LOG_RETENTION_DAYS
from .._blocks.placement import PlacementArgs, check_reach
from .._blocks.resource_paths import check_resources, resource_paths
from .._blocks.runtimes import ARCHITECTURES, PYTHONS
from .._blocks.service_code import HEALTH_PATH, PORT, ServiceCode
from .._blocks.service_role import ServiceRole
from .._blocks.service_target import (
    HEALTH_PATHS,
    PATHS,
    ServiceDomainArgs,
    ServiceTarget,
    check_target,
)
from .._blocks.sunset import check_sunset, sunset_variable
from .deployment import DeploymentArgs, configuration, is_gradual, patience_minutes
from .image import BASE_IMAGE, CodeImage, default_base_image, is_elsewhere, pull_statements
from .monitoring import create_deployment_alarm
from .scaling import create_scaling
from .tasks import CONTAINER, Tasks

_MAX_STOP_SECONDS = 120
"""The maximum on Fargate: `stopTimeout` in the API reference of ECS."""
_STOP_MARGIN_SECONDS = 15
_MEMORY_MIB: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16_384 + 1, 1024),
    4096: range(8192, 30_720 + 1, 1024),
    8192: range(16_384, 61_440 + 1, 4096),
    16_384: range(32_768, 122_880 + 1, 8192),
}
"""Memory that a task may have, by its CPU units: "Task CPU and memory" for Fargate."""
_OWN_VARIABLES = ("PORT", "HEALTH_PATH", "REQUEST_TIMEOUT", "SUNSET")


class ContainerServiceArgs(TypedDict):
    network: PlacementArgs
    """Where the tasks run: what `Network.placement` returns."""
    code: NotRequired[str]
    """Folder with the `app.py` of the service, or the name of a service of this package. Its
    `handler(event, context)` gets the proxy events of a REST API, as a function behind API Gateway.
    Required without `image`."""
    image: NotRequired[pulumi.Input[str]]
    """Reference of an image that exists already, best with its digest, for instead of `code`. Its
    server listens on the variable `PORT`, and ends on SIGTERM."""
    openapi: NotRequired[str]
    """Text of the OpenAPI document of the service, whose paths are the `resource` of events.
    Requires `code`. Default: none; each path is a resource."""
    base_image: NotRequired[str]
    """Base image of the `code`, of public.ecr.aws and with its digest, which has the same `python`.
    Default: an image `python:<version>-slim` that this package names."""
    python: NotRequired[str]
    """Python version of the `code`: `3.12` to `3.14`. Default: `3.13`."""
    architecture: NotRequired[str]
    """Instruction set architecture: `arm64` or `x86_64`. Default: `arm64`."""
    cpu: NotRequired[int]
    """CPU units of a task, 1024 for a vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
    Default: 256."""
    memory: NotRequired[int]
    """Memory of a task in MiB, one of those that Fargate has for `cpu`. Default: the smallest."""
    port: NotRequired[int]
    """Port that the service listens on, 1024 to 65535. Default: 8080."""
    health_path: NotRequired[str]
    """Path of the health check, which the server of a `code` answers itself. Required with `image`.
    Default: `/health`."""
    request_timeout: NotRequired[int]
    """Time that a request may take, 1 to 59 seconds, less than the load balancer waits.
    Default: 30."""
    stop_timeout: NotRequired[int]
    """Time from SIGTERM to SIGKILL, 2 to 120 seconds; more than `request_timeout`. Default: 15 more
    than `request_timeout`."""
    start_seconds: NotRequired[int]
    """Time that a new task has to get healthy, 10 to 3600 seconds. Default: 60."""
    min_tasks: NotRequired[int]
    """Minimum number of tasks, 1 to 1000; two or more survive the loss of a zone. Default: 2."""
    max_tasks: NotRequired[int]
    """Maximum number of tasks, 1 to 1000. Default: 4, or `min_tasks` if that is more."""
    cpu_percent: NotRequired[int]
    """CPU utilization at which autoscaling keeps the tasks, 10 to 90 percent. Default: 60."""
    deployment: NotRequired[DeploymentArgs]
    """How new versions take over. Default: tasks are replaced, healthy ones first."""
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
    cluster_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing ECS cluster. Default: a new one."""
    log_retention_days: NotRequired[int]
    """Retention of logs in CloudWatch, one of its steps in days (1, 3, 5, 7, 14, 30, ...).
    Default: 30."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    ContainerServiceArgs,
    defaults={
        "python": "3.13",
        "architecture": "arm64",
        "cpu": 256,
        "port": PORT,
        "request_timeout": 30,
        "start_seconds": 60,
        "min_tasks": 2,
        "cpu_percent": 60,
        "deployment": {},
        "internet_facing": False,
        "deletion_protection": True,
        "paths": ["/*"],
        "access": [],
        "log_retention_days": 30,
    },
    limits={
        "base_image": BASE_IMAGE,
        "python": OneOf(PYTHONS),
        "architecture": OneOf(ARCHITECTURES),
        "cpu": OneOf(tuple(_MEMORY_MIB)),
        "port": Between(1024, 65_535),
        "health_path": HEALTH_PATHS,
        "request_timeout": Between(1, 59, "seconds"),
        "stop_timeout": Between(2, _MAX_STOP_SECONDS, "seconds"),
        "start_seconds": Between(10, 3600, "seconds"),
        "min_tasks": Between(1, 1000, "tasks"),
        "max_tasks": Between(1, 1000, "tasks"),
        "cpu_percent": Between(10, 90, "percent"),
        "paths": PATHS,
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
    },
)


class ContainerService(pulumi.ComponentResource):
    """A service in containers on Fargate.

    Default settings: arm64; at least two tasks over all zones; an internal load balancer that only
    members of a security group reach; a task role with only the permissions of `access`. The image
    is made and pushed in AWS, in an encrypted repository with immutable tags. A version whose tasks
    do not get healthy, or that answers with server errors, is rolled back and fails the update.
    Alarms on errors, unhealthy targets and failed deployments are included.
    """

    url: pulumi.Output[str]
    """Address of the service."""
    service_name: pulumi.Output[str]
    """Name of the ECS service."""
    cluster_arn: pulumi.Output[str]
    """ARN of its cluster."""
    image: pulumi.Output[str]
    """Reference of the image that the tasks run."""
    log_group_name: pulumi.Output[str]
    """Name of the log group of the tasks."""
    task_role_arn: pulumi.Output[str]
    """ARN of the role of the tasks."""
    security_group_id: pulumi.Output[str]
    """ID of the security group of the tasks."""
    client_security_group_id: pulumi.Output[str]
    """ID of the security group whose members may call the service; empty if its load balancer has
    none."""

    def __init__(
        self, name: str, args: ContainerServiceArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:ContainerService", name, {}, opts)
        args = resolve("ContainerService", name, ContainerServiceArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._tasks = Tasks(name, parent=self, log_retention_days=args["log_retention_days"])
        self._target = self._create_target()
        image, definition, policies = self._create_definition()
        cluster_arn = self._create_cluster()
        self._shift_role = self._create_shift_role()
        service = self._create_service(cluster_arn, definition, policies)
        self._create_scaling(service, cluster_arn)
        create_deployment_alarm(name, service.arn, self._alarms, parent=self)

        clients = self._target.load_balancer.get("client_security_group_id", "")
        outputs = {
            "url": self._target.url,
            "service_name": service.name,
            "cluster_arn": pulumi.Output.from_input(cluster_arn),
            "image": pulumi.Output.from_input(image),
            "log_group_name": self._tasks.log_group_name,
            "task_role_arn": self._tasks.role.arn,
            "security_group_id": self._target.group_id,
            "client_security_group_id": pulumi.Output.from_input(clients),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_call(self, name: str = "") -> AccessArgs:
        """Access of another service that calls this one.

        Args:
            name: name in the caller's environment, `catalogue` for `CATALOGUE_URL`. Default: the
                name of the component.
        """
        return self._target.grant_call(name or self._name)

    def _create_target(self) -> ServiceTarget:
        args = self._args
        return ServiceTarget(
            self._name,
            parent=self,
            network=args["network"],
            target_type="ip",
            port=args["port"],
            health_path=_health_path(args),
            load_balancer=args.get("load_balancer"),
            internet_facing=args["internet_facing"],
            domain=args.get("domain"),
            paths=args["paths"],
            deletion_protection=args["deletion_protection"],
            gradual=is_gradual(args["deployment"]),
            alarms=self._alarms,
        )

    def _create_definition(
        self,
    ) -> tuple[pulumi.Input[str], aws.ecs.TaskDefinition, list[pulumi.Resource]]:
        args = self._args
        if "image" in args:
            image, pull = args["image"], pull_statements(args["image"], self._tasks.role.arn)
        else:
            made = self._create_image()
            image, pull = made.reference, made.pull
        port = args["port"]
        definition, policies = self._tasks.define(
            image,
            pull=pull,
            access=args["access"],
            environment={
                "PORT": str(port),
                "HEALTH_PATH": _health_path(args),
                "REQUEST_TIMEOUT": str(args["request_timeout"]),
                **sunset_variable(args.get("sunset")),
            },
            container={
                "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
                "stopTimeout": _stop_timeout(args),
            },
            cpu=args["cpu"],
            memory=_memory(args),
            architecture=args["architecture"],
        )
        return image, definition, policies

    def _create_image(self) -> CodeImage:
        args = self._args
        code = ServiceCode(
            args["code"], args["architecture"], args["python"], resource_paths(args.get("openapi"))
        )
        return CodeImage(
            self._name,
            code,
            args.get("base_image", default_base_image(args["python"])),
            args["port"],
            parent=self,
            log_retention_days=args["log_retention_days"],
            alarms=self._alarms,
        )

    def _create_cluster(self) -> pulumi.Input[str]:
        if "cluster_arn" in self._args:
            return self._args["cluster_arn"]
        return aws.ecs.Cluster(
            f"{self._name}-cluster",
            # Container Insights is billed by the metric; alarms use those of the load balancer.
            settings=[{"name": "containerInsights", "value": "disabled"}],
            opts=self._opts,
        ).arn

    def _create_service(
        self,
        cluster_arn: pulumi.Input[str],
        definition: aws.ecs.TaskDefinition,
        policies: Sequence[pulumi.Resource],
    ) -> aws.ecs.Service:
        args, target = self._args, self._target
        minutes = f"{patience_minutes(args['deployment'])}m"
        names: list[pulumi.Input[str]] = [*target.error_alarm_names]
        permissions = [*policies, *([self._shift_role.policy] if self._shift_role else [])]
        return aws.ecs.Service(
            f"{self._name}-service",
            cluster=cluster_arn,
            task_definition=definition.arn,
            launch_type="FARGATE",
            desired_count=args["min_tasks"],
            availability_zone_rebalancing="ENABLED",
            network_configuration={
                "subnets": args["network"]["subnet_ids"],
                "security_groups": security_groups([target.group_id], args["access"]),
                "assign_public_ip": args["network"].get("assign_public_ip", False),
            },
            load_balancers=[self._balanced(target.rule)],
            health_check_grace_period_seconds=args["start_seconds"],
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_configuration=configuration(args["deployment"]),
            deployment_circuit_breaker={"enable": True, "rollback": True},
            alarms={
                "alarm_names": names,
                "enable": True,
                "rollback": True,
            },
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # The provider fails if the deployment was rolled back, and rolls it back on Ctrl-C.
            wait_for_steady_state=True,
            sigint_rollback=True,
            opts=pulumi.ResourceOptions.merge(
                self._opts,
                pulumi.ResourceOptions(
                    # Autoscaling sets it.
                    ignore_changes=["desiredCount"],
                    depends_on=[target.rule, *permissions],
                    custom_timeouts=pulumi.CustomTimeouts(create=minutes, update=minutes),
                ),
            ),
        )

    def _balanced(self, listens: aws.lb.ListenerRule) -> aws.ecs.ServiceLoadBalancerArgsDict:
        groups = self._target.target_groups
        made: aws.ecs.ServiceLoadBalancerArgsDict = {
            "target_group_arn": groups[0].arn,
            "container_name": CONTAINER,
            "container_port": self._args["port"],
        }
        if self._shift_role:
            made["advanced_configuration"] = {
                "alternate_target_group_arn": groups[1].arn,
                "production_listener_rule": listens.arn,
                "role_arn": self._shift_role.arn,
            }
        return made

    def _create_shift_role(self) -> Optional[ServiceRole]:
        """Create the role with which ECS shifts requests between the target groups.

        The actions are those of the managed policy for it, which allows them on all load balancers:
        AmazonECSInfrastructureRolePolicyForLoadBalancers.
        """
        if not is_gradual(self._args["deployment"]):
            return None
        groups = [each.arn for each in self._target.target_groups]
        statements = [
            # These have no resource-level permissions.
            allow(
                [
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                "*",
            ),
            allow(["elasticloadbalancing:ModifyRule"], self._target.rule.arn),
            allow(
                [
                    "elasticloadbalancing:DeregisterTargets",
                    "elasticloadbalancing:RegisterTargets",
                ],
                *groups,
            ),
        ]
        return ServiceRole(f"{self._name}-shift", "ecs.amazonaws.com", statements, parent=self)

    def _create_scaling(self, service: aws.ecs.Service, cluster_arn: pulumi.Input[str]) -> None:
        create_scaling(
            self._name,
            service,
            cluster_arn,
            min_tasks=self._args["min_tasks"],
            max_tasks=_max_tasks(self._args),
            cpu_percent=self._args["cpu_percent"],
            parent=self,
        )


def _health_path(args: ContainerServiceArgs) -> str:
    return args.get("health_path", HEALTH_PATH)


def _stop_timeout(args: ContainerServiceArgs) -> int:
    return args.get("stop_timeout", args["request_timeout"] + _STOP_MARGIN_SECONDS)


def _memory(args: ContainerServiceArgs) -> int:
    return args.get("memory", _MEMORY_MIB[args["cpu"]][0])


def _max_tasks(args: ContainerServiceArgs) -> int:
    return args.get("max_tasks", max(4, args["min_tasks"]))


def _check(problems: Problems, args: ContainerServiceArgs) -> None:
    _check_source(problems, args)
    _check_task(problems, args)
    check_target(
        problems,
        network=args["network"],
        load_balancer=args.get("load_balancer"),
        internet_facing=args["internet_facing"],
        domain=args.get("domain"),
    )
    check_sunset(problems, args.get("sunset"))
    check_access(problems, "access", args["access"])
    image = args.get("image")
    why = {"logs": "write logs"}
    if image is None or not is_elsewhere(image):
        why = {"ecr.api": "pull the image", "ecr.dkr": "pull the image", **why}
    elif not args["network"].get("assign_public_ip") and "interface_endpoints" in args["network"]:
        problems.add("image", f"is '{image}', which the network has no way to pull: copy it to ECR")
    check_reach(problems, args["network"], why)


def _check_source(problems: Problems, args: ContainerServiceArgs) -> None:
    problems.unless(
        ("code" in args) != ("image" in args),
        "code",
        "is given beside `image`; give one of them"
        if "code" in args
        else "is missing; a service has `code` or an `image`",
    )
    problems.unless(
        "image" in args or problems.name == problems.name.lower(),
        "name",
        f"is '{problems.name}'; it must be in lowercase, as the repository is named after it",
    )
    if "image" in args:
        for key in ("base_image", "openapi"):
            problems.unless(key not in args, key, "is for `code`, not for an `image`")
        problems.unless(
            "health_path" in args,
            "health_path",
            "is missing; say which path of the `image` answers health checks",
        )
    check_resources(problems, args.get("openapi"))


def _check_task(problems: Problems, args: ContainerServiceArgs) -> None:
    stop, request = _stop_timeout(args), args["request_timeout"]
    problems.unless(
        stop > request,
        "stop_timeout",
        f"is {stop}; it must be more than `request_timeout` ({request}), or a stop breaks requests "
        "in flight",
    )
    low, high = args["min_tasks"], _max_tasks(args)
    problems.unless(low <= high, "min_tasks", f"is {low}; it must be at most `max_tasks` ({high})")
    sizes = _MEMORY_MIB.get(args["cpu"], ())
    problems.unless(
        not sizes or _memory(args) in sizes,
        "memory",
        f"is {args.get('memory')}; with `cpu` {args['cpu']} Fargate has {_listed(sizes)} MiB",
    )
    for number, each in enumerate(args["access"]):
        for key in _OWN_VARIABLES:
            problems.unless(
                key not in each.get("environment", {}),
                f'access[{number}].environment["{key}"]',
                f"is set by `{key.lower()}` of the service",
            )


def _listed(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return ", ".join(map(str, sizes))
