"""Mounts: file systems of EFS that instances share."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from .._blocks.access import StatementArgs
from .._blocks.arguments import Matches, Problems, declare


class MountArgs(TypedDict):
    """A file system of EFS."""

    file_system_arn: pulumi.Input[str]
    """ARN of the file system. It has a mount target in each zone of the instances."""
    access_point_arn: pulumi.Input[str]
    """ARN of the access point, whose user owns the files, and below whose folder they are."""
    path: str
    """Folder of the instances for its files: `/mnt/files`."""
    security_group_id: pulumi.Input[str]
    """ID of the security group whose members may mount it. The instances become members."""
    read_only: NotRequired[bool]
    """Whether the role of the instances may only read. Default: false."""


declare(
    MountArgs,
    defaults={"read_only": False},
    limits={"path": Matches(r"/(mnt|srv)(/[A-Za-z0-9._-]+)+", "a folder below /mnt or /srv")},
)


def mount_statements(mounts: Sequence[MountArgs]) -> list[StatementArgs]:
    """Return the permissions to mount the file systems by their access points only.

    Source: "Using IAM to control access to file systems" in the EFS user guide.
    """
    return [
        {
            "actions": [
                "elasticfilesystem:ClientMount",
                *([] if each["read_only"] else ["elasticfilesystem:ClientWrite"]),
            ],
            "resources": [each["file_system_arn"]],
            "condition": {
                "StringEquals": {"elasticfilesystem:AccessPointArn": each["access_point_arn"]}
            },
        }
        for each in mounts
    ]


def mount_settings(mounts: Sequence[MountArgs]) -> list[dict[str, pulumi.Input[str]]]:
    """Return the mounts in the form of the user data."""
    return [
        {
            "file_system_id": _id(each["file_system_arn"]),
            "access_point_id": _id(each["access_point_arn"]),
            "path": each["path"],
        }
        for each in mounts
    ]


def check_mounts(problems: Problems, mounts: Sequence[MountArgs]) -> None:
    """Check that no mount hides another one."""
    for number, each in enumerate(mounts):
        for other in mounts[:number]:
            first, second = sorted((each["path"], other["path"]), key=len)
            problems.unless(
                not f"{second}/".startswith(f"{first}/"),
                f"mounts[{number}].path",
                f"is '{each['path']}', which overlaps with '{other['path']}'",
            )


def _id(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(arn).apply(lambda text: text.rpartition("/")[2])
