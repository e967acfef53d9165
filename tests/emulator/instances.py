"""An Auto Scaling group behind a load balancer, for tests."""

import base64
import hashlib
import json

from tests.emulator.balancer import Balancer
from tests.emulator.cloud import until, zipped
from tests.emulator.services import SERVER, get
from tests.emulator.tasks import PATIENCE

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Instances:
    """A launch template and a group `ledger` behind a load balancer."""

    def __init__(self, cloud):
        self.cloud, self.client = cloud, cloud.client("autoscaling")
        self.balancer = Balancer(cloud)
        iam = cloud.client("iam")
        cloud.client("s3").create_bucket(Bucket="artefacts")
        self.store(zipped(server=SERVER))
        iam.create_role(RoleName="ledger", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.create_instance_profile(InstanceProfileName="ledger")
        iam.add_role_to_instance_profile(InstanceProfileName="ledger", RoleName="ledger")
        self.template = cloud.client("ec2").create_launch_template(
            LaunchTemplateName="ledger", LaunchTemplateData=self.data("1")
        )["LaunchTemplate"]["LaunchTemplateId"]

    @property
    def url(self) -> str:
        return self.balancer.url

    def store(self, artefact: bytes) -> None:
        """Store the artefact of the versions that are made from now on."""
        self.artefact, self.key = artefact, f"{hashlib.sha256(artefact).hexdigest()}.zip"
        self.cloud.client("s3").put_object(Bucket="artefacts", Key=self.key, Body=artefact)

    def data(self, version: str, fault: str = "", digest: str = "", **more: str) -> dict:
        service = {
            "artefact": f"s3://artefacts/{self.key}",
            "sha256": digest or hashlib.sha256(self.artefact).hexdigest(),
            "command": ["python", "server.py"],
            "environment": {"VERSION": version, "FAULT": fault},
            **more,
        }
        text = f"#!/bin/sh\n# service: {json.dumps(service)}\nexit 1\n"
        return {
            "InstanceType": "t4g.nano",
            "IamInstanceProfile": {"Name": "ledger"},
            "UserData": base64.b64encode(text.encode()).decode(),
        }

    def version(self, version: str, fault: str = "", digest: str = "", **more: str) -> str:
        """Add a version of the template and return its number."""
        made = self.cloud.client("ec2").create_launch_template_version(
            LaunchTemplateId=self.template,
            LaunchTemplateData=self.data(version, fault, digest, **more),
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def start(self, count: int = 2, version: str = "1") -> None:
        self.client.create_auto_scaling_group(
            AutoScalingGroupName="ledger",
            MinSize=0,
            MaxSize=4,
            DesiredCapacity=count,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": version},
            TargetGroupARNs=[self.balancer.blue],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=1,
            VPCZoneIdentifier="subnet-1",
        )

    def started(self, count: int = 2) -> "Instances":
        self.start(count)
        self.balancer.await_states(*["healthy"] * count)
        return self

    def group(self) -> dict:
        names = ["ledger"]
        found = self.client.describe_auto_scaling_groups(AutoScalingGroupNames=names)
        return found["AutoScalingGroups"][0]

    def names(self) -> set[str]:
        return {each["InstanceId"] for each in self.group()["Instances"]}

    def pids(self) -> set[int]:
        answers = [get(self.url)[1] for _ in range(20)]
        return {each["pid"] for each in answers if each}

    def versions(self) -> set[str]:
        return {get(self.url)[1].get("version", "") for _ in range(20)}

    def refresh(self, version: str, **preferences: object) -> str:
        template = {"LaunchTemplateId": self.template, "Version": version}
        return self.client.start_instance_refresh(
            AutoScalingGroupName="ledger",
            Preferences={"AutoRollback": True, "MinHealthyPercentage": 100, **preferences},
            DesiredConfiguration={"LaunchTemplate": template},
        )["InstanceRefreshId"]

    def described(self, id_: str) -> dict:
        return self.client.describe_instance_refreshes(
            AutoScalingGroupName="ledger", InstanceRefreshIds=[id_]
        )["InstanceRefreshes"][0]

    def await_refresh(self, id_: str, status: str) -> dict:
        def ended() -> dict | None:
            refresh = self.described(id_)
            now = refresh["Status"]
            return None if now == "Baking" or now.endswith("InProgress") else refresh

        refresh = until(ended, PATIENCE)
        assert refresh["Status"] == status, (refresh, self.cloud.emulator.server_log.read_text())
        return refresh
