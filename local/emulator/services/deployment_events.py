"""The events of ECS about deployments that failed, on the default bus.

AWS: "Amazon ECS service deployment state change events". Those of deployments that begin or
complete are not sent here.
"""

import json
from typing import Any


def tell_failures(service: dict[str, Any]) -> None:
    """Send an event for each deployment of a service that has failed since the last time."""
    # Imported late: a program without services needs no bus.
    from ministack.services import eventbridge

    for deployment in service.get("deployments", ()):
        if deployment.get("rolloutState") != "FAILED" or deployment.get("_told"):
            continue
        deployment["_told"] = True
        detail = {
            "eventType": "ERROR",
            "eventName": "SERVICE_DEPLOYMENT_FAILED",
            "deploymentId": deployment["id"],
            "updatedAt": deployment["updatedAt"],
            "reason": deployment.get("rolloutStateReason", ""),
        }
        entry = {
            "Source": "aws.ecs",
            "DetailType": "ECS Deployment State Change",
            "Resources": [service["serviceArn"]],
            "Detail": json.dumps(detail, default=str),
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
