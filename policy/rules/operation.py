"""Tags, logs, retries and deletion protection."""

from collections.abc import Iterator

from .resource_types import resource_type
from .rule import Resource, Rule

MAX_RETRIES = 100
TAGS = ("project", "stack")
MIN_KEY_WINDOW_DAYS = 30


def _tagged(resource: Resource) -> Iterator[str]:
    if resource_type(resource.type).tagged:
        tags = {**(resource["tagsAll"] or {}), **(resource["tags"] or {})}
        missing = [tag for tag in TAGS if not tags.get(tag)]
        if missing:
            yield f"lacks the tags {', '.join(missing)}; set aws:defaultTags in Pulumi.<stack>.yaml"


def _retention(resource: Resource) -> Iterator[str]:
    if resource.type == "aws:cloudwatch/logGroup:LogGroup" and not resource["retentionInDays"]:
        yield "keeps logs forever; set retentionInDays"


def _capped(resource: Resource) -> Iterator[str]:
    if resource.type == "aws:lambda/eventSourceMapping:EventSourceMapping":
        stream = resource.has("startingPosition")
        retries = resource["maximumRetryAttempts"]
        if stream and (retries is None or not 0 <= retries < MAX_RETRIES):
            yield f"retries too often; set maximumRetryAttempts below {MAX_RETRIES}"
        if stream and not resource.has("destinationConfig.onFailure.destinationArn"):
            yield "discards failed records; set destinationConfig.onFailure"
        if "ReportBatchItemFailures" not in resource.items("functionResponseTypes"):
            yield "retries whole batches; set functionResponseTypes to ReportBatchItemFailures"
    elif (
        resource.type == "aws:cloudwatch/eventTarget:EventTarget"
        and resource["retryPolicy.maximumRetryAttempts"] is None
    ):
        yield "retries for 24 hours; set retryPolicy.maximumRetryAttempts"


def _dead_letters(resource: Resource) -> Iterator[str]:
    polled = resource.settings("aws:lambda/eventSourceMapping:EventSourceMapping")
    if resource.type == "aws:sqs/queue:Queue" and polled and not resource.has("redrivePolicy"):
        yield "delivers a failing message without limit; set redrivePolicy"


def _protected(resource: Resource) -> Iterator[str]:
    if not resource.stack.startswith("prod"):
        return
    protection = resource_type(resource.type).protection
    # A bucket of code, such as `ledger-code`: it is built again from the program.
    if protection and not resource.urn.endswith("-code"):
        value = resource[protection.key]
        if (protection.default if value is None else value) != protection.value:
            yield f"has no deletion protection; set {protection.key} to {protection.value}"
    if resource.type == "aws:kms/key:Key":
        window = resource["deletionWindowInDays"]
        if window is not None and window < MIN_KEY_WINDOW_DAYS:
            yield f"can be deleted after {window} days; set deletionWindowInDays to 30"


RULES = (
    Rule("tagged", "Resources that cost money or hold data are tagged.", _tagged),
    Rule("log-retention", "Log groups have a retention.", _retention),
    Rule("capped-retries", "Retries are limited, and failed records are kept.", _capped),
    Rule(
        "dead-letters",
        "A queue with a function as consumer has a dead-letter queue.",
        _dead_letters,
        True,
    ),
    Rule(
        "deletion-protection",
        "In prod, resources that hold data have deletion protection.",
        _protected,
    ),
)
