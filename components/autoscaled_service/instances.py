"""Instances: the launch template of a service, with its artefact, role and log group."""

import hashlib
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs, StatementArgs, allow
from .._blocks.bucket import Bucket
from .._blocks.service_code import ServiceCode
from .._blocks.service_role import ServiceRole
from .mounts import MountArgs, mount_settings, mount_statements
from .user_data import user_data

_AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
"""Public parameter of the latest AMI: "Get started with AL2023 using SSM parameters"."""
_ROOT_DEVICE, _ROOT_GIB = "/dev/xvda", 8


class Instances:
    """What instances of a service are launched from. Adds no level to the URN.

    The metadata of instances need tokens and are not forwarded; there is no key pair. Sessions of
    Systems Manager open a shell.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        code: the code of the service.
        log_retention_days: retention of the logs.

    Raises:
        BundleError: see `ServiceCode.build`.
    """

    def __init__(
        self, name: str, code: ServiceCode, *, parent: pulumi.Resource, log_retention_days: int
    ) -> None:
        self._name, self._parent, self._code = name, parent, code
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs", retention_in_days=log_retention_days, opts=self._opts
        )
        self.log_group_name = self._log_group.name
        """Name of the log group."""
        self._bucket = Bucket(f"{name}-code", parent=parent, retain=False)
        self._artefact = self._store()

    def create_template(
        self,
        *,
        instance_type: str,
        ami_id: pulumi.Input[str] | None,
        security_group_ids: pulumi.Output[Sequence[str]],
        public_ip: bool,
        access: Sequence[AccessArgs],
        environment: Mapping[str, pulumi.Input[str]],
        stop_seconds: int,
        mounts: Sequence[MountArgs],
    ) -> aws.ec2.LaunchTemplate:
        """Create the launch template. `role_arn` and `policy` are set then.

        Args:
            instance_type: type of the instances.
            ami_id: AMI; None for the latest one of Amazon Linux 2023.
            security_group_ids: IDs of the security groups.
            public_ip: whether instances get a public IPv4 address.
            access: environment variables and permissions of the service.
            environment: its own variables.
            stop_seconds: time from SIGTERM to SIGKILL.
            mounts: file systems to mount.
        """
        granted = [grant for each in access for grant in each.get("statements", ())]
        role = ServiceRole(
            f"{self._name}-instance",
            "ec2.amazonaws.com",
            [*self._own_statements(), *mount_statements(mounts), *granted],
            parent=self._parent,
        )
        self.role_arn, self.policy = role.arn, role.policy
        profile = aws.iam.InstanceProfile(
            f"{self._name}-profile", role=role.role_name, opts=self._opts
        )
        values = {key: text for each in access for key, text in each.get("environment", {}).items()}
        data = user_data(
            {
                "artefact": pulumi.Output.concat(
                    "s3://", self._bucket.bucket_name, "/", self._artefact.key
                ),
                "sha256": self._digest,
                "command": list(self._code.command),
                "environment": {**values, **environment},
                "python": self._code.python,
                "region": self._region,
                "log_group": self.log_group_name,
                "stop_seconds": stop_seconds,
                "mounts": mount_settings(mounts),
            }
        )
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            image_id=self._latest_ami() if ami_id is None else ami_id,
            instance_type=instance_type,
            iam_instance_profile={"arn": profile.arn},
            # A hop more would let containers and proxies on the instance use the role.
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            network_interfaces=[
                {
                    "device_index": 0,
                    "associate_public_ip_address": str(public_ip).lower(),
                    "delete_on_termination": "true",
                    "security_groups": security_group_ids,
                }
            ],
            block_device_mappings=[
                {
                    "device_name": _ROOT_DEVICE,
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": _ROOT_GIB,
                        "encrypted": "true",
                        "delete_on_termination": "true",
                    },
                }
            ],
            user_data=data,
            opts=self._opts,
        )

    def _store(self) -> aws.s3.BucketObjectv2:
        """Store the artefact by a key with its digest.

        Pulumi deletes the artefact before it at the end of an update, when all instances have the
        new one, and not at all if the update fails.
        """
        archive = self._code.build()
        self._digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        return aws.s3.BucketObjectv2(
            f"{self._name}-code-archive",
            bucket=self._bucket.bucket_name,
            key=archive.name,
            source=pulumi.FileAsset(archive.as_posix()),
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(delete_before_replace=False)
            ),
        )

    @property
    def _region(self) -> pulumi.Output[str]:
        return aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self._parent)).region

    def _latest_ami(self) -> pulumi.Output[str]:
        """Return the latest AMI, read by the deployment.

        A template with `resolve:ssm:` would launch instances of different AMIs, and Auto Scaling
        cannot roll back to it: "Undo changes with a manual or auto rollback".
        """
        return aws.ssm.get_parameter_output(
            name=_AMI + self._code.architecture,
            opts=pulumi.InvokeOutputOptions(parent=self._parent),
        ).insecure_value

    def _own_statements(self) -> list[StatementArgs]:
        streams = pulumi.Output.concat(self._log_group.arn, ":*")
        return [
            self._bucket.grant_read(""),
            allow(
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], streams
            ),
            # The minimum for sessions, which has no resource-level permissions. The managed policy
            # AmazonSSMManagedInstanceCore would let instances read all parameters of the account.
            # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
            allow(
                [
                    "ssm:UpdateInstanceInformation",
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                "*",
            ),
        ]
