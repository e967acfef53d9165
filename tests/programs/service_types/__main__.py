"""One resource of each type of containers, load balancers and Auto Scaling groups."""

import base64
import json

import pulumi
import pulumi_aws as aws


def trust(service: str) -> str:
    principal = {"type": "Service", "identifiers": [service]}
    statement = {"actions": ["sts:AssumeRole"], "principals": [principal]}
    return aws.iam.get_policy_document(statements=[statement]).json


network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24")
group = aws.ec2.SecurityGroup("balancer", vpc_id=network.id)

# Load balancer
balancer = aws.lb.LoadBalancer(
    "balancer",
    internal=True,
    subnets=[subnet.id],
    security_groups=[group.id],
    idle_timeout=60,
    drop_invalid_header_fields=True,
)


def target_group(name: str) -> aws.lb.TargetGroup:
    return aws.lb.TargetGroup(
        name,
        port=8080,
        protocol="HTTP",
        target_type="ip",
        vpc_id=network.id,
        deregistration_delay=30,
        load_balancing_algorithm_type="least_outstanding_requests",
        health_check={
            "path": "/health",
            "interval": 10,
            "timeout": 5,
            "healthy_threshold": 2,
            "matcher": "200-204",
        },
    )


blue, green = target_group("blue"), target_group("green")
listener = aws.lb.Listener(
    "web",
    load_balancer_arn=balancer.arn,
    port=80,
    default_actions=[
        {
            "type": "fixed-response",
            "fixed_response": {
                "content_type": "text/plain",
                "status_code": "404",
                "message_body": "no such service",
            },
        }
    ],
)
rule = aws.lb.ListenerRule(
    "catalogue",
    listener_arn=listener.arn,
    priority=10,
    conditions=[
        {"path_pattern": {"values": ["/products/*"]}},
        {"http_header": {"http_header_name": "x-version", "values": ["1"]}},
        {"query_strings": [{"key": "a", "value": "b"}]},
    ],
    actions=[
        {
            "type": "forward",
            "forward": {
                "target_groups": [
                    {"arn": blue.arn, "weight": 90},
                    {"arn": green.arn, "weight": 10},
                ]
            },
        }
    ],
)
aws.lb.ListenerRule(
    "next",
    listener_arn=listener.arn,
    conditions=[{"host_header": {"values": ["example.com"]}}],
    actions=[{"type": "redirect", "redirect": {"path": "/products/1", "status_code": "HTTP_302"}}],
    opts=pulumi.ResourceOptions(depends_on=[rule]),
)

# Images
repository = aws.ecr.Repository(
    "catalogue",
    image_tag_mutability="IMMUTABLE",
    image_scanning_configuration={"scan_on_push": True},
    encryption_configurations=[{"encryption_type": "AES256"}],
    force_delete=True,
)
expiry = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
    "action": {"type": "expire"},
}
aws.ecr.LifecyclePolicy(
    "catalogue", repository=repository.name, policy=json.dumps({"rules": [expiry]})
)

# Containers. No task is started: there is no image in the repository.
role = aws.iam.Role("task", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
cluster = aws.ecs.Cluster(
    "cluster",
    settings=[{"name": "containerInsights", "value": "disabled"}],
)
providers = aws.ecs.ClusterCapacityProviders(
    "cluster",
    cluster_name=cluster.name,
    capacity_providers=["FARGATE", "FARGATE_SPOT"],
    default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1}],
)
task = aws.ecs.TaskDefinition(
    "catalogue",
    family="catalogue",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    cpu="256",
    memory="512",
    task_role_arn=role.arn,
    execution_role_arn=role.arn,
    runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
    container_definitions=pulumi.Output.json_dumps(
        [
            {
                "name": "app",
                "image": repository.repository_url,
                "portMappings": [{"containerPort": 8080}],
                "stopTimeout": 60,
            }
        ]
    ),
)
service = aws.ecs.Service(
    "catalogue",
    cluster=cluster.arn,
    task_definition=task.arn,
    desired_count=0,
    health_check_grace_period_seconds=30,
    deployment_circuit_breaker={"enable": True, "rollback": True},
    deployment_maximum_percent=200,
    deployment_minimum_healthy_percent=100,
    deployment_configuration={
        "strategy": "CANARY",
        "bake_time_in_minutes": "5",
        "canary_configuration": {"canary_percent": "10", "canary_bake_time_in_minutes": "5"},
    },
    alarms={"alarm_names": ["errors"], "enable": True, "rollback": True},
    network_configuration={"subnets": [subnet.id], "security_groups": [group.id]},
    load_balancers=[
        {
            "target_group_arn": blue.arn,
            "container_name": "app",
            "container_port": 8080,
            "advanced_configuration": {
                "alternate_target_group_arn": green.arn,
                "production_listener_rule": rule.arn,
                "role_arn": role.arn,
            },
        }
    ],
    wait_for_steady_state=True,
    opts=pulumi.ResourceOptions(depends_on=[providers]),
)
target = aws.appautoscaling.Target(
    "catalogue",
    service_namespace="ecs",
    scalable_dimension="ecs:service:DesiredCount",
    resource_id=pulumi.Output.format("service/{}/{}", cluster.name, service.name),
    min_capacity=1,
    max_capacity=4,
)
aws.appautoscaling.Policy(
    "catalogue",
    policy_type="TargetTrackingScaling",
    service_namespace=target.service_namespace,
    scalable_dimension=target.scalable_dimension,
    resource_id=target.resource_id,
    target_tracking_scaling_policy_configuration={
        "target_value": 60,
        "predefined_metric_specification": {
            "predefined_metric_type": "ECSServiceAverageCPUUtilization"
        },
    },
)

# Instances
worker = aws.iam.Role("instance", assume_role_policy=trust("ec2.amazonaws.com"))
profile = aws.iam.InstanceProfile("instance", role=worker.name)
image = aws.ssm.get_parameter(
    name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
)
template = aws.ec2.LaunchTemplate(
    "ledger",
    image_id=image.value,
    instance_type="t4g.nano",
    iam_instance_profile={"arn": profile.arn},
    vpc_security_group_ids=[group.id],
    user_data=base64.b64encode(b"#!/bin/sh\n").decode(),
    metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
    block_device_mappings=[
        {"device_name": "/dev/xvda", "ebs": {"encrypted": "true", "volume_size": 8}}
    ],
    tag_specifications=[{"resource_type": "instance", "tags": {"service": "ledger"}}],
    update_default_version=True,
)
instances = aws.autoscaling.Group(
    "ledger",
    min_size=0,
    max_size=2,
    desired_capacity=0,
    vpc_zone_identifiers=[subnet.id],
    launch_template={"id": template.id, "version": template.latest_version},
    target_group_arns=[green.arn],
    health_check_type="ELB",
    health_check_grace_period=60,
    instance_maintenance_policy={"min_healthy_percentage": 100, "max_healthy_percentage": 150},
    instance_refresh={
        "strategy": "Rolling",
        "preferences": {"auto_rollback": True, "min_healthy_percentage": 100},
    },
    tags=[{"key": "service", "value": "ledger", "propagate_at_launch": True}],
)
aws.autoscaling.Policy(
    "ledger",
    autoscaling_group_name=instances.name,
    policy_type="TargetTrackingScaling",
    target_tracking_configuration={
        "target_value": 60,
        "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
    },
)

pulumi.export("address", pulumi.Output.format("http://{}/products/1", balancer.dns_name))
