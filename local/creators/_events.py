"""EventBridge buses, rules, targets and archives."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, overwrite

DEFAULT = "default"


@creates("aws:cloudwatch/eventBus:EventBus", delete=Call("events", "delete_event_bus", Name="name"))
def event_bus(context: Context, inputs: Inputs) -> Created:
    """A custom bus."""
    name = context.named(inputs, limit=256)
    made = context.call("events", "create_event_bus", inputs, handled=("name",), Name=name)
    return name, {"name": name, "arn": made["EventBusArn"]}


@creates(
    "aws:cloudwatch/eventRule:EventRule",
    update=overwrite("name", "eventBusName"),
    delete=Call("events", "delete_rule", Name="name", EventBusName="eventBusName"),
)
def event_rule(context: Context, inputs: Inputs) -> Created:
    """A rule by pattern or by schedule."""
    name = context.named(inputs, limit=64)
    enabled = inputs.get("isEnabled", True)
    wanted = {"state": "ENABLED" if enabled else "DISABLED", **inputs}
    handled = ("name", "isEnabled")
    made = context.call("events", "put_rule", wanted, handled=handled, Name=name)
    bus = inputs.get("eventBusName", DEFAULT)
    return name if bus == DEFAULT else f"{bus}/{name}", {"name": name, "arn": made["RuleArn"]}


def _remove_target(context: Context, _id: str, state: Outputs) -> None:
    bus = state.get("eventBusName", DEFAULT)
    client = context.client("events")
    client.remove_targets(Rule=state["rule"], EventBusName=bus, Ids=[state["targetId"]])


@creates(
    "aws:cloudwatch/eventTarget:EventTarget",
    update=overwrite("rule", "eventBusName", "targetId"),
    delete=_remove_target,
)
def event_target(context: Context, inputs: Inputs) -> Created:
    """A target of a rule, with retries and a dead-letter queue."""
    target_id = context.named(inputs, "targetId", limit=64)
    bus = inputs.get("eventBusName", DEFAULT)
    outside = ("rule", "eventBusName", "targetId", "region", "forceDestroy")
    target = {key: value for key, value in inputs.items() if key not in outside}
    answer = context.call(
        "events",
        "put_targets",
        {"targets": [{"id": target_id, **target}]},
        {
            "targets.inputTransformer.inputPaths": "InputPathsMap",
            "targets.sqsTarget": "SqsParameters",
            "targets.kinesisTarget": "KinesisParameters",
            "targets.httpTarget": "HttpParameters",
            "targets.ecsTarget": "EcsParameters",
        },
        Rule=inputs["rule"],
        EventBusName=bus,
    )
    for failure in answer.get("FailedEntries", []):
        raise ValueError(f"{failure.get('ErrorCode')}: {failure.get('ErrorMessage')} (PutTargets)")
    return f"{inputs['rule']}-{target_id}", {"targetId": target_id}


def _update_archive(context: Context, name: str, inputs: Inputs) -> Outputs:
    handled = ("name", "eventSourceArn")
    context.call("events", "update_archive", inputs, handled=handled, ArchiveName=name)
    return {}


@creates(
    "aws:cloudwatch/eventArchive:EventArchive",
    update=Update(_update_archive, replaced_by=("name", "eventSourceArn")),
    delete=Call("events", "delete_archive", ArchiveName="id"),
)
def event_archive(context: Context, inputs: Inputs) -> Created:
    """An archive of a bus's events for replay."""
    name = context.named(inputs, limit=48)
    made = context.call("events", "create_archive", inputs, handled=("name",), ArchiveName=name)
    return name, {"name": name, "arn": made["ArchiveArn"]}
