"""The Auto Scaling group of a service, and what changes its size."""

from typing import Optional

import pulumi
import pulumi_aws as aws

from .._blocks.placement import PlacementArgs
from .._blocks.service_target import ServiceTarget

MIN_HEALTHY_PERCENT, MAX_HEALTHY_PERCENT = 100, 150
"""Instances are launched before others are terminated, half of the group at a time."""
_CREATE_MINUTES = 15


def create_group(
    name: str,
    template: aws.ec2.LaunchTemplate,
    target: ServiceTarget,
    *,
    parent: pulumi.Resource,
    network: PlacementArgs,
    min_instances: int,
    max_instances: int,
    start_seconds: int,
    depends_on: pulumi.Resource,
) -> aws.autoscaling.Group:
    """Create the group.

    Its first update fails if the instances do not get healthy. Later versions of the template take
    over by a refresh, which changes the version in the group: see `refresh.py`.

    Args:
        name: prefix of the resource's name.
        template: the launch template.
        target: the way to the service.
        parent: the component it belongs to.
        network: where the instances run.
        min_instances: minimum number of instances.
        max_instances: maximum number of instances.
        start_seconds: time that an instance has to get healthy.
        depends_on: the policy of the instances.
    """
    return aws.autoscaling.Group(
        f"{name}-instances",
        launch_template={
            "id": template.id,
            "version": template.latest_version.apply(lambda number: str(int(number))),
        },
        vpc_zone_identifiers=network["subnet_ids"],
        min_size=min_instances,
        max_size=max_instances,
        target_group_arns=[each.arn for each in target.target_groups],
        health_check_type="ELB",
        # Within the grace period a refresh takes each instance for healthy, so that it must not end
        # before: "Set the health check grace period for an Auto Scaling group".
        health_check_grace_period=start_seconds,
        default_instance_warmup=start_seconds,
        instance_maintenance_policy={
            "min_healthy_percentage": MIN_HEALTHY_PERCENT,
            "max_healthy_percentage": MAX_HEALTHY_PERCENT,
        },
        min_elb_capacity=min_instances,
        wait_for_capacity_timeout=f"{_CREATE_MINUTES}m",
        tags=[{"key": "Name", "value": name, "propagate_at_launch": True}],
        opts=pulumi.ResourceOptions(
            parent=parent,
            ignore_changes=["launchTemplate.version"],
            depends_on=[target.rule, depends_on],
        ),
    )


def create_scaling(
    name: str,
    group: aws.autoscaling.Group,
    target: ServiceTarget,
    *,
    parent: pulumi.Resource,
    cpu_percent: int,
    requests_per_minute: Optional[int],
) -> None:
    """Keep the CPU utilization, and the requests of an instance if there is a target, at a target.

    With two policies the group has as many instances as the one that wants more.

    Args:
        name: prefix of the resources' names.
        group: the group.
        target: the way to the service.
        parent: the component they belong to.
        cpu_percent: target of the average CPU utilization, in percent.
        requests_per_minute: target of requests of an instance in a minute; None for none.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    aws.autoscaling.Policy(
        f"{name}-cpu",
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration={
            "target_value": cpu_percent,
            "predefined_metric_specification": {
                "predefined_metric_type": "ASGAverageCPUUtilization"
            },
        },
        opts=opts,
    )
    if requests_per_minute is None:
        return
    label = pulumi.Output.concat(
        target.load_balancer["arn_suffix"], "/", target.target_groups[0].arn_suffix
    )
    aws.autoscaling.Policy(
        f"{name}-requests",
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration={
            "target_value": requests_per_minute,
            "predefined_metric_specification": {
                "predefined_metric_type": "ALBRequestCountPerTarget",
                "resource_label": label,
            },
        },
        # AWS refuses the metric of a target group without a load balancer.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[target.rule])),
    )
