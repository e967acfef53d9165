"""EventBridge buses, rules, targets and archives."""

from local.engine.context import Context
from local.engine.registry import Created, Inputs, creates

DEFAULT = "default"


@creates("aws:cloudwatch/eventBus:EventBus")
def event_bus(context: Context, inputs: Inputs) -> Created:
    """A custom bus."""
    name = context.named(inputs, limit=256)
    made = context.call("events", "create_event_bus", inputs, handled=("name",), Name=name)
    return name, {"name": name, "arn": made["EventBusArn"]}


@creates("aws:cloudwatch/eventRule:EventRule")
def event_rule(context: Context, inputs: Inputs) -> Created:
    """A rule by pattern or by schedule."""
    name = context.named(inputs, limit=64)
    enabled = inputs.get("isEnabled", True)
    wanted = {"state": "ENABLED" if enabled else "DISABLED", **inputs}
    handled = ("name", "isEnabled")
    made = context.call("events", "put_rule", wanted, handled=handled, Name=name)
    bus = inputs.get("eventBusName", DEFAULT)
    return name if bus == DEFAULT else f"{bus}/{name}", {"name": name, "arn": made["RuleArn"]}


@creates("aws:cloudwatch/eventTarget:EventTarget")
def event_target(context: Context, inputs: Inputs) -> Created:
    """Where a rule sends its events, with retries and a dead-letter queue."""
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


@creates("aws:cloudwatch/eventArchive:EventArchive")
def event_archive(context: Context, inputs: Inputs) -> Created:
    """Events of a bus kept for replay."""
    name = context.named(inputs, limit=48)
    made = context.call("events", "create_archive", inputs, handled=("name",), ArchiveName=name)
    return name, {"name": name, "arn": made["ArchiveArn"]}
