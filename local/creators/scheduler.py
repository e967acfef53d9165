"""EventBridge Scheduler schedules."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates


@creates(
    "aws:scheduler/schedule:Schedule",
    delete=Call("scheduler", "delete_schedule", Name="name", GroupName="groupName"),
)
def schedule(context: Context, inputs: Inputs) -> Created:
    """A schedule with one target."""
    name = context.named(inputs, limit=64)
    made = context.call("scheduler", "create_schedule", inputs, handled=("name",), Name=name)
    group = inputs.get("groupName", "default")
    return f"{group}/{name}", {"name": name, "groupName": group, "arn": made["ScheduleArn"]}
