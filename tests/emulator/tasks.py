"""An ECS service behind a load balancer, for tests."""

import json

from tests.emulator.balancer import Balancer
from tests.emulator.cloud import until
from tests.emulator.images import layer, push
from tests.emulator.services import SERVER, get

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
PATIENCE = 60.0
"""Seconds for what takes a few: the machine may be busy."""


class Tasks:
    """A cluster with one service `catalogue`."""

    def __init__(self, cloud, **settings: object):
        self.cloud, self.client = cloud, cloud.client("ecs")
        self.balancer = Balancer(cloud)
        cloud.client("ecr").create_repository(repositoryName="catalogue")
        cloud.client("logs").create_log_group(logGroupName="catalogue")
        self.role = cloud.client("iam").create_role(
            RoleName="task", AssumeRolePolicyDocument=json.dumps(TRUST)
        )["Role"]["Arn"]
        self.image = push(cloud.client("ecr"), "catalogue", layer(server__py=SERVER))
        self.client.create_cluster(clusterName="shop")
        self.settings = settings

    @property
    def url(self) -> str:
        return self.balancer.url

    def definition(self, version: str, fault: str = "", **settings: object) -> str:
        variables = {"VERSION": version, **({"FAULT": fault} if fault else {})}
        container = {
            "name": "app",
            "image": self.image,
            "portMappings": [{"containerPort": 8080}],
            "stopTimeout": 30,
            "environment": [{"name": key, "value": each} for key, each in variables.items()],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "catalogue",
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": version,
                },
            },
            **settings,
        }
        return self.client.register_task_definition(
            family="catalogue",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            taskRoleArn=self.role,
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]

    def start(self, version: str = "1", count: int = 2, **balanced: object) -> None:
        """Create the service and wait until its tasks are healthy."""
        target = {
            "targetGroupArn": self.balancer.blue,
            "containerName": "app",
            "containerPort": 8080,
            **balanced,
        }
        self.client.create_service(
            cluster="shop",
            serviceName="catalogue",
            taskDefinition=self.definition(version),
            desiredCount=count,
            launchType="FARGATE",
            healthCheckGracePeriodSeconds=30,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
            loadBalancers=[target],
            **self.settings,
        )
        self.await_stable()
        self.balancer.await_states(*["healthy"] * count)

    def deploy(self, version: str, fault: str = "") -> str:
        """Begin a deployment and return its ID."""
        made = self.client.update_service(
            cluster="shop",
            service="catalogue",
            taskDefinition=self.definition(version, fault),
        )["service"]
        return next(each["id"] for each in made["deployments"] if each["status"] == "PRIMARY")

    def service(self) -> dict:
        return self.client.describe_services(cluster="shop", services=["catalogue"])["services"][0]

    def deployment(self, id_: str) -> dict:
        return next(each for each in self.service()["deployments"] if each["id"] == id_)

    def await_stable(self) -> None:
        """Wait until the primary deployment is completed and has all its tasks."""

        def stable() -> bool:
            service = self.service()
            primary = next(each for each in service["deployments"] if each["status"] == "PRIMARY")
            completed = primary["rolloutState"] == "COMPLETED"
            return completed and service["runningCount"] == service["desiredCount"]

        until(stable, seconds=PATIENCE)

    def await_rollout(self, id_: str, state: str) -> None:
        until(lambda: self.deployment(id_)["rolloutState"] == state, seconds=PATIENCE)

    def events(self) -> list[str]:
        """What has happened to the service, the oldest first."""
        return [each["message"] for each in reversed(self.service()["events"])]

    def running(self) -> list[str]:
        return self.client.list_tasks(cluster="shop", serviceName="catalogue")["taskArns"]

    def pids(self) -> set[int]:
        """The processes that answer; none for an error page of the load balancer."""
        answers = [get(self.url)[1] for _ in range(20)]
        return {each["pid"] for each in answers if each}

    def logged(self, version: str) -> list[str]:
        logs = self.cloud.client("logs")
        streams = logs.describe_log_streams(
            logGroupName="catalogue", logStreamNamePrefix=f"{version}/app/"
        )["logStreams"]
        return [
            each["message"]
            for stream in streams
            for each in logs.get_log_events(
                logGroupName="catalogue", logStreamName=stream["logStreamName"]
            )["events"]
        ]
