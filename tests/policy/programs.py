"""For each rule, a program that breaks it and a similar one that follows it."""

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws

Program = Callable[[], object]
TAGGED: dict[str, Any] = {"tags": {"project": "x", "stack": "prod"}}
TABLE = {"hash_key": "id", "attributes": [{"name": "id", "type": "S"}]}
ENCRYPTED = {"server_side_encryption": {"enabled": True}}
ARN = "arn:aws:sqs:us-east-1:123456789012:queue"


def table(**given: object) -> Program:
    options = {**TABLE, **ENCRYPTED, **TAGGED, "deletion_protection_enabled": True, **given}
    return lambda: aws.dynamodb.Table("it", **options)


def bucket(*, encryption: bool = True, block: bool = True, policy: bool = True) -> Program:
    def program() -> None:
        made = aws.s3.Bucket("it", **TAGGED)
        if encryption:
            rule = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
            aws.s3.BucketServerSideEncryptionConfiguration("e", bucket=made.id, rules=[rule])
        if block:
            switches = ("block_public_acls", "block_public_policy", "ignore_public_acls")
            on = dict.fromkeys((*switches, "restrict_public_buckets"), True)
            aws.s3.BucketPublicAccessBlock("b", bucket=made.id, **on)
        if policy:
            aws.s3.BucketPolicy("p", bucket=made.id, policy=document(DENY_PLAIN))

    return program


def document(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


DENY_PLAIN = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": ARN,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def queue_policy(*statements: dict[str, object]) -> Program:
    return lambda: aws.sqs.QueuePolicy("it", queue_url="q", policy=document(*statements))


def role_policy(action: str, resource: str) -> Program:
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    return lambda: aws.iam.RolePolicy("it", role="role", policy=document(statement))


def mapping(**given: object) -> Program:
    options = {
        "starting_position": "LATEST",
        "maximum_retry_attempts": 5,
        "destination_config": {"on_failure": {"destination_arn": ARN}},
        "function_response_types": ["ReportBatchItemFailures"],
        **given,
    }
    return lambda: aws.lambda_.EventSourceMapping(
        "it",
        function_name="f",
        event_source_arn=ARN,
        **{key: value for key, value in options.items() if value is not None},
    )


def polled_queue(**given: object) -> Program:
    def program() -> None:
        queue = aws.sqs.Queue("it", sqs_managed_sse_enabled=True, **TAGGED, **given)
        aws.sqs.QueuePolicy("p", queue_url=queue.url, policy=document(DENY_PLAIN))
        aws.lambda_.EventSourceMapping(
            "m",
            function_name="f",
            event_source_arn=queue.arn,
            function_response_types=["ReportBatchItemFailures"],
        )

    return program


def cache(encrypted: bool) -> Program:
    return lambda: aws.elasticache.ReplicationGroup(
        "it",
        description="it",
        at_rest_encryption_enabled=True,
        transit_encryption_enabled=encrypted,
    )


def listener(internal: bool = False, **given: object) -> Program:
    def program() -> None:
        balancer = aws.lb.LoadBalancer(
            "it", internal=internal, enable_deletion_protection=True, **TAGGED
        )
        aws.lb.Listener("listener", load_balancer_arn=balancer.arn, port=80, **given)

    return program


def group(port: int) -> Program:
    rule = {
        "from_port": port,
        "to_port": port,
        "protocol": "tcp",
        "cidr_blocks": ["10.0.0.0/8", "0.0.0.0/0"],
    }
    return lambda: aws.ec2.SecurityGroup("it", ingress=[rule])


def database(public: bool) -> Program:
    return lambda: aws.rds.Instance(
        "it",
        instance_class="db.t4g.micro",
        storage_encrypted=True,
        deletion_protection=True,
        publicly_accessible=public,
        **TAGGED,
    )


def block(**off: bool) -> Program:
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls")
    on = dict.fromkeys((*switches, "restrict_public_buckets"), True)
    return lambda: aws.s3.BucketPublicAccessBlock("it", bucket="b", **{**on, **off})


def attachment(policy: str) -> Program:
    arn = f"arn:aws:iam::aws:policy/{policy}"
    return lambda: aws.iam.RolePolicyAttachment("it", role="role", policy_arn=arn)


def logs(**given: object) -> Program:
    return lambda: aws.cloudwatch.LogGroup("it", **given)


ALLOW_ANYONE = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": ARN}
FOR_ONE = {**ALLOW_ANYONE, "Condition": {"ArnEquals": {"aws:SourceArn": ARN}}}
TO_HTTPS = {"type": "redirect", "redirect": {"protocol": "HTTPS", "status_code": "HTTP_301"}}
FORWARD = {"type": "forward", "target_group_arn": ARN}
DEAD = json.dumps({"deadLetterTargetArn": ARN, "maxReceiveCount": 5})

PROGRAMS: dict[str, tuple[Program, Program]] = {
    "encrypted": (table(server_side_encryption={"enabled": False}), table()),
    "bucket-encrypted": (bucket(encryption=False), bucket()),
    "tls-policy": (bucket(policy=False), bucket()),
    "tls-only": (queue_policy(FOR_ONE), queue_policy(FOR_ONE, DENY_PLAIN)),
    "https": (cache(False), cache(True)),
    "https-listener": (
        listener(protocol="HTTP", default_actions=[FORWARD]),
        listener(protocol="HTTP", default_actions=[TO_HTTPS]),
    ),
    "public-access-block": (bucket(block=False), bucket()),
    "public-access-blocked": (block(block_public_policy=False), block()),
    "no-anyone": (queue_policy(ALLOW_ANYONE, DENY_PLAIN), queue_policy(FOR_ONE, DENY_PLAIN)),
    "closed-ports": (group(22), group(443)),
    "private-database": (database(True), database(False)),
    "no-wildcard-action": (
        role_policy("dynamodb:*", ARN),
        role_policy("dynamodb:GetItem", ARN),
    ),
    "no-wildcard-resource": (
        role_policy("dynamodb:GetItem", "*"),
        role_policy("xray:PutTraceSegments", "*"),
    ),
    "no-wide-policy": (
        attachment("AmazonS3FullAccess"),
        attachment("AmazonS3ReadOnlyAccess"),
    ),
    "tagged": (table(tags={"project": "x"}), table()),
    "log-retention": (logs(), logs(retention_in_days=7)),
    "capped-retries": (mapping(maximum_retry_attempts=None), mapping()),
    "dead-letters": (polled_queue(), polled_queue(redrive_policy=DEAD)),
    "deletion-protection": (table(deletion_protection_enabled=None), table()),
}
