"""What is needed to run a stack, to pay for it and not to lose what it holds."""

from collections.abc import Iterator

from .rule import Resource, Rule

MOST_RETRIES = 100
TAGS = ("project", "stack")
TAGGED = (
    "aws:cloudfront/distribution:Distribution",
    "aws:cognito/userPool:UserPool",
    "aws:dynamodb/table:Table",
    "aws:ec2/natGateway:NatGateway",
    "aws:ecs/service:Service",
    "aws:efs/fileSystem:FileSystem",
    "aws:kinesis/stream:Stream",
    "aws:kms/key:Key",
    "aws:lambda/function:Function",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
)
# Type, property, the value that keeps it, and the value that AWS takes where there is none.
PROTECTED = (
    ("aws:cognito/userPool:UserPool", "deletionProtection", "ACTIVE", "INACTIVE"),
    ("aws:dynamodb/table:Table", "deletionProtectionEnabled", True, False),
    ("aws:rds/cluster:Cluster", "deletionProtection", True, False),
    ("aws:rds/instance:Instance", "deletionProtection", True, False),
    ("aws:s3/bucket:Bucket", "forceDestroy", False, False),
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", True, False),
)
LEAST_KEY_WINDOW_DAYS = 30


def _tagged(resource: Resource) -> Iterator[str]:
    if resource.type in TAGGED:
        tags = {**(resource["tagsAll"] or {}), **(resource["tags"] or {})}
        missing = [tag for tag in TAGS if not tags.get(tag)]
        if missing:
            yield f"lacks the tags {', '.join(missing)}; set aws:defaultTags in Pulumi.<stack>.yaml"


def _retention(resource: Resource) -> Iterator[str]:
    if resource.type == "aws:cloudwatch/logGroup:LogGroup" and not resource["retentionInDays"]:
        yield "keeps logs for ever; set retentionInDays"


def _capped(resource: Resource) -> Iterator[str]:
    if resource.type == "aws:lambda/eventSourceMapping:EventSourceMapping":
        stream = resource.has("startingPosition")
        retries = resource["maximumRetryAttempts"]
        if stream and (retries is None or not 0 <= retries < MOST_RETRIES):
            yield f"retries for ever; set maximumRetryAttempts below {MOST_RETRIES}"
        if stream and not resource.has("destinationConfig.onFailure.destinationArn"):
            yield "drops what fails; set destinationConfig.onFailure"
        if "ReportBatchItemFailures" not in resource.items("functionResponseTypes"):
            yield "repeats whole batches; set functionResponseTypes to ReportBatchItemFailures"
    elif (
        resource.type == "aws:cloudwatch/eventTarget:EventTarget"
        and resource["retryPolicy.maximumRetryAttempts"] is None
    ):
        yield "retries for a day; set retryPolicy.maximumRetryAttempts"


def _dead_letters(resource: Resource) -> Iterator[str]:
    polled = resource.settings("aws:lambda/eventSourceMapping:EventSourceMapping")
    if resource.type == "aws:sqs/queue:Queue" and polled and not resource.has("redrivePolicy"):
        yield "delivers a failing message again and again; set redrivePolicy"


def _protected(resource: Resource) -> Iterator[str]:
    if not resource.stack.startswith("prod"):
        return
    for type_, key, kept, default in PROTECTED:
        value = resource[key]
        if resource.type == type_ and (default if value is None else value) != kept:
            yield f"may be deleted with what it holds; set {key} to {kept}"
    if resource.type == "aws:kms/key:Key":
        window = resource["deletionWindowInDays"]
        if window is not None and window < LEAST_KEY_WINDOW_DAYS:
            yield f"may be gone in {window} days; set deletionWindowInDays to 30"


RULES = (
    Rule("tagged", "What costs or holds something says whose it is.", _tagged),
    Rule("log-retention", "Logs expire.", _retention),
    Rule("capped-retries", "Retries are capped, and what fails is kept.", _capped),
    Rule("dead-letters", "A queue that a function polls has dead letters.", _dead_letters, True),
    Rule("deletion-protection", "In prod, what holds data refuses to be deleted.", _protected),
)
