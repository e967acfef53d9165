"""One resource of most types that local mode creates, with most of their arguments."""

import json

import pulumi
import pulumi_aws as aws


def trust(service: str) -> str:
    principal = {"type": "Service", "identifiers": [service]}
    statement = {"actions": ["sts:AssumeRole"], "principals": [principal]}
    return aws.iam.get_policy_document(statements=[statement]).json


def policy(arn: pulumi.Output[str], *actions: str, **more) -> pulumi.Output[str]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": arn, **more}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


# KMS, SQS
key = aws.kms.Key("key", enable_key_rotation=True, description="for the queue")
aws.kms.Alias("key", target_key_id=key.id)
dead = aws.sqs.Queue("dead", sqs_managed_sse_enabled=True, message_retention_seconds=1209600)
redrive = pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3})
queue = aws.sqs.Queue(
    "jobs",
    visibility_timeout_seconds=60,
    redrive_policy=redrive,
    kms_master_key_id=key.arn,
    tags={"owner": "us"},
)
fifo = aws.sqs.Queue("ordered", fifo_queue=True, content_based_deduplication=True)
plain = aws.sqs.Queue("plain", fifo_queue=False)
aws.sqs.RedrivePolicy("plain", queue_url=plain.id, redrive_policy=redrive)
allowed = pulumi.Output.json_dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]})
aws.sqs.RedriveAllowPolicy("dead", queue_url=dead.url, redrive_allow_policy=allowed)
to_queue = policy(queue.arn, "sqs:SendMessage", Principal={"Service": "events.amazonaws.com"})
aws.sqs.QueuePolicy("jobs", queue_url=queue.url, policy=to_queue)

# IAM
receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
role = aws.iam.Role(
    "worker",
    assume_role_policy=trust("lambda.amazonaws.com"),
    inline_policies=[{"name": "receive", "policy": policy(queue.arn, *receive)}],
    max_session_duration=7200,
)
sending = aws.iam.RolePolicy("worker", role=role.id, policy=policy(dead.arn, "sqs:SendMessage"))
managed = aws.iam.Policy(
    "managed",
    policy={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    },
)
aws.iam.RolePolicyAttachment("managed", role=role.name, policy_arn=managed.arn)
managed.policy.apply(json.loads)

# DynamoDB
table = aws.dynamodb.Table(
    "orders",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    range_key="at",
    attributes=[
        {"name": name, "type": kind} for name, kind in (("id", "S"), ("at", "N"), ("p", "S"))
    ],
    stream_enabled=True,
    stream_view_type="NEW_IMAGE",
    ttl={"attribute_name": "expiresAt", "enabled": True},
    point_in_time_recovery={"enabled": True},
    server_side_encryption={"enabled": True},
    global_secondary_indexes=[
        {
            "name": "pending",
            "projection_type": "KEYS_ONLY",
            "key_schemas": [
                {"attribute_name": "p", "key_type": "HASH"},
                {"attribute_name": "at", "key_type": "RANGE"},
            ],
        },
        {
            "name": "flat",
            "hash_key": "p",
            "projection_type": "INCLUDE",
            "non_key_attributes": ["x"],
        },
    ],
)
provisioned = aws.dynamodb.Table(
    "provisioned",
    read_capacity=2,
    write_capacity=1,
    hash_key="id",
    range_key="at",
    attributes=[{"name": name, "type": "S"} for name in ("id", "at", "by")],
    local_secondary_indexes=[{"name": "by-who", "range_key": "by", "projection_type": "ALL"}],
    deletion_protection_enabled=True,
)

reading = [f"dynamodb:{each}" for each in ("DescribeStream", "GetRecords", "GetShardIterator")]
stream = aws.iam.RolePolicy(
    "stream",
    role=role.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": reading, "Resource": table.stream_arn},
                {"Effect": "Allow", "Action": "dynamodb:ListStreams", "Resource": "*"},
            ],
        }
    ),
)

# Lambda and its logs
group = aws.cloudwatch.LogGroup("worker", retention_in_days=14)
function = aws.lambda_.Function(
    "worker",
    role=role.arn,
    runtime="python3.11",
    handler="pkg.app.handler",
    architectures=["x86_64"],
    code=pulumi.AssetArchive(
        {
            "pkg/app.py": pulumi.StringAsset("import data\ndef handler(e, c): return data.answer"),
            "data.py": pulumi.FileAsset("code/data.py"),
        }
    ),
    environment={"variables": {"QUEUE": queue.name}},
    memory_size=256,
    timeout=20,
    reserved_concurrent_executions=5,
    logging_config={"log_format": "JSON", "log_group": group.name},
    dead_letter_config={"target_arn": dead.arn},
    ephemeral_storage={"size": 1024},
    tracing_config={"mode": "Active"},
    publish=True,
)
aws.lambda_.Function(
    "folder",
    role=role.arn,
    runtime="python3.11",
    handler="data.handler",
    code=pulumi.FileArchive("code"),
)
live = aws.lambda_.Alias("live", function_name=function.name, function_version=function.version)
aws.lambda_.FunctionEventInvokeConfig(
    "worker",
    function_name=function.name,
    maximum_retry_attempts=1,
    maximum_event_age_in_seconds=120,
    destination_config={"on_failure": {"destination": dead.arn}},
)
aws.lambda_.EventSourceMapping(
    "jobs",
    function_name=live.arn,
    event_source_arn=queue.arn,
    batch_size=20,
    maximum_batching_window_in_seconds=1,
    function_response_types=["ReportBatchItemFailures"],
    scaling_config={"maximum_concurrency": 5},
)
aws.lambda_.EventSourceMapping(
    "orders",
    function_name=function.name,
    event_source_arn=table.stream_arn,
    starting_position="TRIM_HORIZON",
    bisect_batch_on_function_error=True,
    maximum_retry_attempts=2,
    filter_criteria={"filters": [{"pattern": json.dumps({"eventName": ["INSERT"]})}]},
    destination_config={"on_failure": {"destination_arn": dead.arn}},
    opts=pulumi.ResourceOptions(depends_on=[stream, sending]),
)

# EventBridge
bus = aws.cloudwatch.EventBus("bus", description="of orders")
put = policy(bus.arn, "events:PutEvents", Sid="partner", Principal={"AWS": "111122223333"})
aws.cloudwatch.EventBusPolicy("bus", event_bus_name=bus.name, policy=put)
pattern = json.dumps({"source": ["orders"]})
rule = aws.cloudwatch.EventRule("rule", event_bus_name=bus.name, event_pattern=pattern)
aws.cloudwatch.EventTarget(
    "queue",
    rule=rule.name,
    event_bus_name=bus.name,
    arn=queue.arn,
    dead_letter_config={"arn": dead.arn},
    retry_policy={"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 4},
)
aws.cloudwatch.EventTarget(
    "function",
    rule=rule.name,
    event_bus_name=bus.name,
    arn=function.arn,
    input_transformer={"input_paths": {"order": "$.detail"}, "input_template": "<order>"},
)
aws.lambda_.Permission(
    "events",
    function=function.name,
    action="lambda:InvokeFunction",
    principal="events.amazonaws.com",
    source_arn=rule.arn,
)
aws.cloudwatch.EventRule("timer", schedule_expression="rate(1 hour)", state="DISABLED")
aws.cloudwatch.EventArchive(
    "archive", event_source_arn=bus.arn, retention_days=7, event_pattern=pattern
)
scheduler = aws.iam.Role("scheduler", assume_role_policy=trust("scheduler.amazonaws.com"))
aws.scheduler.Schedule(
    "nightly",
    schedule_expression="rate(12 hours)",
    flexible_time_window={"mode": "OFF"},
    target={
        "arn": function.arn,
        "role_arn": scheduler.arn,
        "input": "{}",
        "retry_policy": {"maximum_retry_attempts": 2, "maximum_event_age_in_seconds": 120},
        "dead_letter_config": {"arn": dead.arn},
    },
)

# CloudWatch
topic = aws.sns.Topic("alarms", kms_master_key_id="alias/aws/sns", display_name="Alarms")
aws.cloudwatch.MetricAlarm(
    "errors",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    datapoints_to_alarm=1,
    metric_name="Errors",
    namespace="AWS/Lambda",
    period=60,
    statistic="Sum",
    threshold=0,
    dimensions={"FunctionName": function.name},
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
)
aws.cloudwatch.MetricAlarm(
    "rate",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    threshold=0.5,
    metric_queries=[
        {"id": "rate", "expression": "errors / 2", "label": "half", "return_data": True},
        {
            "id": "errors",
            "metric": {
                "metric_name": "Errors",
                "namespace": "AWS/Lambda",
                "period": 60,
                "stat": "p99",
                "dimensions": {"FunctionName": function.name},
            },
        },
    ],
)
aws.cloudwatch.Dashboard("board", dashboard_name="board", dashboard_body='{"widgets": []}')
aws.cloudwatch.LogMetricFilter(
    "errors",
    log_group_name=group.name,
    pattern="ERROR",
    metric_transformation={"name": "Lines", "namespace": "Worker", "value": "1"},
)

# SNS
aws.sns.TopicPolicy(
    "alarms",
    arn=topic.arn,
    policy=policy(topic.arn, "sns:Publish", Principal={"Service": "events.amazonaws.com"}),
)
aws.sns.TopicSubscription(
    "alarms",
    topic=topic.arn,
    protocol="sqs",
    endpoint=queue.arn,
    raw_message_delivery=True,
    filter_policy=json.dumps({"level": ["high"]}),
)

# S3
bucket = aws.s3.Bucket("Files", force_destroy=True, tags={"kind": "files"})
aws.s3.BucketPublicAccessBlock("files", bucket=bucket.id, block_public_acls=True)
aws.s3.BucketServerSideEncryptionConfiguration(
    "files",
    bucket=bucket.id,
    rules=[
        {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": key.arn,
            },
            "bucket_key_enabled": True,
        }
    ],
)
aws.s3.BucketVersioning("files", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketOwnershipControls(
    "files", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
)
aws.s3.BucketLifecycleConfiguration(
    "files",
    bucket=bucket.id,
    rules=[
        {
            "id": "old",
            "status": "Enabled",
            "filter": {"prefix": "tmp/"},
            "expiration": {"days": 90},
            "transitions": [{"days": 30, "storage_class": "STANDARD_IA"}],
            "noncurrent_version_expiration": {"noncurrent_days": 7},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
        },
        {"id": "all", "status": "Enabled", "expiration": {"days": 365}},
    ],
)
everything = pulumi.Output.concat(bucket.arn, "/*")
tls = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Principal": {"AWS": "111122223333"}}
aws.s3.BucketPolicy("files", bucket=bucket.id, policy=policy(everything, "s3:GetObject", **tls))

policies = [
    aws.sqs.QueuePolicy(
        "notifications",
        queue_url=dead.url,
        policy=policy(dead.arn, "sqs:SendMessage", Principal={"Service": "s3.amazonaws.com"}),
    )
]
aws.s3.BucketNotification(
    "files",
    bucket=bucket.id,
    queues=[{"queue_arn": dead.arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": "in/"}],
    lambda_functions=[
        {
            "lambda_function_arn": function.arn,
            "events": ["s3:ObjectRemoved:*"],
            "filter_suffix": ".jpg",
        }
    ],
    eventbridge=True,
    opts=pulumi.ResourceOptions(depends_on=policies),
)
aws.s3.BucketAccelerateConfiguration("files", bucket=bucket.id, status="Enabled")

# Types that are not emulated
registry = aws.schemas.Registry("events")
aws.schemas.Schema("order", registry_name=registry.name, type="JSONSchemaDraft4", content="{}")

pulumi.export(
    "caller", {"account": aws.get_caller_identity().account_id, "region": aws.get_region().region}
)
