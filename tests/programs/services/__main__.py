"""A service in containers, without tasks as long as it has no image, and one on instances."""

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import pulumi
import pulumi_aws as aws


def trust(service: str) -> str:
    principal = {"type": "Service", "identifiers": [service]}
    statement = {"actions": ["sts:AssumeRole"], "principals": [principal]}
    return aws.iam.get_policy_document(statements=[statement]).json


def target_group(name: str) -> aws.lb.TargetGroup:
    return aws.lb.TargetGroup(
        name,
        port=8080,
        protocol="HTTP",
        target_type="ip",
        vpc_id=network.id,
        deregistration_delay=30,
        health_check={"path": "/health", "interval": 5, "healthy_threshold": 2},
    )


def listener(name: str, port: int, group: aws.lb.TargetGroup) -> aws.lb.Listener:
    return aws.lb.Listener(
        name,
        load_balancer_arn=balancer.arn,
        port=port,
        default_actions=[{"type": "forward", "target_group_arn": group.arn}],
    )


network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24")
balancer = aws.lb.LoadBalancer("balancer", internal=True, subnets=[subnet.id])
containers, instances = target_group("containers"), target_group("instances")
listener("containers", 80, containers)
listener("instances", 8080, instances)

# In containers
repository = aws.ecr.Repository("catalogue", force_delete=True)
task_role = aws.iam.Role("task", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
task = aws.ecs.TaskDefinition(
    "catalogue",
    family="catalogue",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    cpu="256",
    memory="512",
    task_role_arn=task_role.arn,
    container_definitions=pulumi.Output.json_dumps(
        [
            {
                "name": "app",
                "image": pulumi.Output.format("{}:live", repository.repository_url),
                "portMappings": [{"containerPort": 8080}],
                "environment": [{"name": "VERSION", "value": "1"}],
            }
        ]
    ),
)
cluster = aws.ecs.Cluster("cluster")
aws.ecs.Service(
    "catalogue",
    cluster=cluster.arn,
    task_definition=task.arn,
    desired_count=0,
    launch_type="FARGATE",
    health_check_grace_period_seconds=30,
    deployment_circuit_breaker={"enable": True, "rollback": True},
    network_configuration={"subnets": [subnet.id]},
    load_balancers=[
        {"target_group_arn": containers.arn, "container_name": "app", "container_port": 8080}
    ],
    wait_for_steady_state=True,
)

# On instances
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    archive.writestr("server.py", Path("server.py").read_text())
Path("ledger.zip").write_bytes(buffer.getvalue())
bucket = aws.s3.Bucket("artefacts")
artefact = aws.s3.BucketObjectv2(
    "ledger", bucket=bucket.bucket, key="ledger.zip", source=pulumi.FileAsset("ledger.zip")
)
role = aws.iam.Role("instance", assume_role_policy=trust("ec2.amazonaws.com"))
profile = aws.iam.InstanceProfile("instance", role=role.name)
program = pulumi.Output.json_dumps(
    {
        "artefact": pulumi.Output.format("s3://{}/{}", bucket.bucket, artefact.key),
        "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
        "command": ["python", "server.py"],
        "environment": {
            "VERSION": "1",
            "CATALOGUE": pulumi.Output.format("http://{}/products", balancer.dns_name),
        },
    }
)
data = program.apply(lambda text: base64.b64encode(f"#!/bin/sh\n# service: {text}\n".encode()))
template = aws.ec2.LaunchTemplate(
    "ledger",
    instance_type="t4g.nano",
    iam_instance_profile={"arn": profile.arn},
    user_data=data.apply(bytes.decode),
)
aws.autoscaling.Group(
    "ledger",
    min_size=1,
    max_size=2,
    vpc_zone_identifiers=[subnet.id],
    launch_template={"id": template.id, "version": template.latest_version},
    target_group_arns=[instances.arn],
    health_check_type="ELB",
    instance_refresh={"strategy": "Rolling", "preferences": {"auto_rollback": True}},
)

pulumi.export("catalogue", pulumi.Output.format("http://{}", balancer.dns_name))
pulumi.export("ledger", pulumi.Output.format("http://{}:8080", balancer.dns_name))
