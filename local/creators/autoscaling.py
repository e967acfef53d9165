"""Auto Scaling groups and their policies. The instances run as processes of this machine."""

from typing import Any

from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, overwrite

SERVICE = "autoscaling"
PROVIDER_ONLY = (
    "forceDelete",
    "ignoreFailedScalingActivities",
    "instanceRefresh",
    "minElbCapacity",
    "waitForCapacityTimeout",
    "waitForElbCapacity",
)
ATTACHED = ("enabledMetrics", "metricsGranularity", "name", "namePrefix", "tags")


def _update_group(context: Context, name: str, inputs: Inputs) -> Outputs:
    """Change a group and refresh its instances if their template changed, as the provider does.

    The provider saves the new template in the group before it starts the refresh, so that a
    rollback returns to the new template: hashicorp/terraform-provider-aws#34189.
    """
    client = context.client(SERVICE)
    found = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    before = found[0].get("LaunchTemplate", {}).get("Version", "")
    handled = (*ATTACHED, *PROVIDER_ONLY, "targetGroupArns", "trafficSources")
    wanted = _group_arguments(inputs)
    context.call(
        SERVICE, "update_auto_scaling_group", wanted, {}, handled, AutoScalingGroupName=name
    )
    refresh = inputs.get("instanceRefresh")
    if refresh and text(wanted.get("launchTemplate", {}).get("version", before)) != before:
        rolls_back = refresh.get("preferences", {}).get("autoRollback")
        desired = {"launchTemplate": wanted["launchTemplate"]} if rolls_back else None
        context.call(
            SERVICE,
            "start_instance_refresh",
            {**refresh, "desiredConfiguration": desired},
            {},
            ("triggers",),
            AutoScalingGroupName=name,
        )
    return {}


def _delete_group(context: Context, name: str, _state: Outputs) -> None:
    """Delete a group with its instances, which the provider first ends by a size of zero."""
    client = context.client(SERVICE)
    client.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


@creates(
    "aws:autoscaling/group:Group",
    update=Update(
        _update_group,
        replaced_by=("availabilityZones", "name", "namePrefix", "placementGroup"),
        changes=(
            "defaultCooldown",
            "desiredCapacity",
            "forceDelete",
            "healthCheckGracePeriod",
            "healthCheckType",
            "instanceMaintenancePolicy",
            "instanceRefresh",
            "launchTemplate",
            "maxSize",
            "minSize",
            "vpcZoneIdentifiers",
            "waitForCapacityTimeout",
        ),
    ),
    delete=_delete_group,
)
def group(context: Context, inputs: Inputs) -> Created:
    """An Auto Scaling group with its tags."""
    name = context.named(inputs)
    tags = [
        {
            "Key": each["key"],
            "Value": each["value"],
            "PropagateAtLaunch": each["propagateAtLaunch"],
        }
        for each in inputs.get("tags", [])
    ]
    context.call(
        SERVICE,
        "create_auto_scaling_group",
        _group_arguments(inputs),
        {},
        (*ATTACHED, *PROVIDER_ONLY),
        AutoScalingGroupName=name,
        Tags=tags,
    )
    client = context.client(SERVICE)
    found = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    made = found[0]
    return name, {
        "name": name,
        "arn": made["AutoScalingGroupARN"],
        "availabilityZones": made["AvailabilityZones"],
        "desiredCapacity": made["DesiredCapacity"],
        "healthCheckType": made["HealthCheckType"],
        "vpcZoneIdentifiers": inputs.get("vpcZoneIdentifiers", []),
        "predictedCapacity": 0,
        "warmPoolSize": 0,
    }


def _group_arguments(inputs: Inputs) -> Inputs:
    """Return the inputs in the form of AWS: subnets in one text, a template by its ID."""
    replaced = ("launchTemplate", "tags", "vpcZoneIdentifiers")
    wanted: dict[str, Any] = {key: each for key, each in inputs.items() if key not in replaced}
    template = inputs.get("launchTemplate")
    if template:
        chosen = {"version": template.get("version", "$Default")}
        if template.get("id"):
            chosen["launchTemplateId"] = template["id"]
        else:
            chosen["launchTemplateName"] = template["name"]
        wanted["launchTemplate"] = chosen
    if inputs.get("vpcZoneIdentifiers"):
        wanted["VPCZoneIdentifier"] = ",".join(inputs["vpcZoneIdentifiers"])
    return wanted


@creates(
    "aws:autoscaling/policy:Policy",
    update=overwrite("autoscalingGroupName", "name"),
    delete=Call(
        SERVICE, "delete_policy", AutoScalingGroupName="autoscalingGroupName", PolicyName="name"
    ),
)
def policy(context: Context, inputs: Inputs) -> Created:
    """A scaling policy. The emulator stores it and does not act on load."""
    context.note(f"{context.type}: the emulator does not change the number of instances by load")
    name = context.named(inputs)
    rename = {"autoscalingGroupName": "AutoScalingGroupName"}
    made = context.call(SERVICE, "put_scaling_policy", inputs, rename, ("name",), PolicyName=name)
    return name, {"name": name, "arn": made["PolicyARN"]}
