"""The resource of calls about an Auto Scaling group in IAM is its ARN.

Stock 1.5.33 asks with `*` for the part of the ARN that AWS chooses, so that a role for one group is
denied.

AWS: "Actions, resources, and condition keys for Amazon EC2 Auto Scaling".

ministack has fixed this when tests/emulator/test_group_rights.py passes with
`unpatched=("group_rights",)`.
"""

from typing import Any

from ministack.core import iam_actions
from ministack.services import autoscaling

from . import Server


def apply(server: Server) -> None:
    stock = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any, **more: Any) -> str:
        found: str = stock(service, *request, **more)
        if service != "autoscaling" or found == "*":
            return found
        group = autoscaling._asgs.get(found.rpartition("autoScalingGroupName/")[2])
        return str(group["AutoScalingGroupARN"]) if group else found

    iam_actions.extract_resource_arn = resource
