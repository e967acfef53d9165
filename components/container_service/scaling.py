"""The number of tasks of a service."""

import pulumi
import pulumi_aws as aws


def create_scaling(
    name: str,
    service: aws.ecs.Service,
    cluster_arn: pulumi.Input[str],
    *,
    min_tasks: int,
    max_tasks: int,
    cpu_percent: int,
    parent: pulumi.Resource,
) -> None:
    """Keep the average CPU utilization of a service at a target.

    Args:
        name: prefix of the resources' names.
        service: the service.
        cluster_arn: ARN of its cluster.
        min_tasks: minimum number of tasks.
        max_tasks: maximum number of tasks.
        cpu_percent: the target, in percent.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    cluster = pulumi.Output.from_input(cluster_arn).apply(lambda arn: arn.rpartition("/")[2])
    target = aws.appautoscaling.Target(
        f"{name}-count",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", cluster, "/", service.name),
        min_capacity=min_tasks,
        max_capacity=max_tasks,
        opts=opts,
    )
    aws.appautoscaling.Policy(
        f"{name}-scaling",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": cpu_percent,
            "predefined_metric_specification": {
                "predefined_metric_type": "ECSServiceAverageCPUUtilization"
            },
        },
        opts=opts,
    )
