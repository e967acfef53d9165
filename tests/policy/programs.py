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


def function_url(authorization: str) -> Program:
    return lambda: aws.lambda_.FunctionUrl(
        "it", function_name="f", authorization_type=authorization
    )


def trust(principal: object, **given: object) -> Program:
    """A role that the principal may assume."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **given}
    return lambda: aws.iam.Role("it", assume_role_policy=document(statement))


def role(**given: Any) -> Program:
    trusted = document({**TRUST, "Action": "sts:AssumeRole"})
    return lambda: aws.iam.Role("it", assume_role_policy=trusted, **given)


def inline(**given: object) -> Program:
    """A role with two policies of its own; the second one is given."""
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE_ARN}
    both = [{"name": "a", "policy": document(statement)}]
    both.append({"name": "b", "policy": document({**statement, **given})})
    return role(inline_policies=both)


def allows(**given: object) -> Program:
    """A role's policy with one statement. None leaves out an element."""
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE_ARN, **given}
    kept = {key: value for key, value in statement.items() if value is not None}
    return lambda: aws.iam.RolePolicy("it", role="role", policy=document(kept))


def anyone(**given: object) -> Program:
    """A queue's policy that allows anyone, but for what is given."""
    return queue_policy({**ALLOW_ANYONE, **given}, DENY_PLAIN)


def permission(principal: str, **given: str) -> Program:
    return lambda: aws.lambda_.Permission(
        "it", action="lambda:InvokeFunction", function="f", principal=principal, **given
    )


def bus_policy(**given: object) -> Program:
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": ARN, **given}
    return lambda: aws.cloudwatch.EventBusPolicy(
        "it", event_bus_name="bus", policy=document(statement)
    )


def key(principal: object) -> Program:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": principal}
    return lambda: aws.kms.Key("it", policy=document(statement), **TAGGED)


ACCOUNT = "arn:aws:iam::123456789012:root"
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}
TABLE_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/items"
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
OF_REPOSITORY = {"token.actions.githubusercontent.com:sub": "repo:o/r:ref:refs/heads/main"}
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
    "authorized-url": (function_url("NONE"), function_url("AWS_IAM")),
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
    "no-access-key": (
        lambda: aws.iam.AccessKey("it", user="robot"),
        lambda: aws.iam.User("it"),
    ),
    "tagged": (table(tags={"project": "x"}), table()),
    "log-retention": (logs(), logs(retention_in_days=7)),
    "capped-retries": (mapping(maximum_retry_attempts=None), mapping()),
    "dead-letters": (polled_queue(), polled_queue(redrive_policy=DEAD)),
    "deletion-protection": (table(deletion_protection_enabled=None), table()),
}

MORE: list[tuple[str, Program, Program]] = [
    # Trust policies of roles
    ("no-anyone", trust("*"), trust({"Service": "lambda.amazonaws.com"})),
    ("no-anyone", trust({"AWS": "*"}), trust({"AWS": ACCOUNT})),
    ("no-anyone", trust({"AWS": [ACCOUNT, "*"]}), trust({"AWS": [ACCOUNT, "123456789012"]})),
    (
        "no-anyone",
        trust({"AWS": "*"}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        trust({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ),
    (
        "no-anyone",
        trust({"Federated": GITHUB}),
        trust({"Federated": GITHUB}, Condition={"StringLike": OF_REPOSITORY}),
    ),
    (
        "no-anyone",
        trust({"Federated": GITHUB}, Condition={"StringLike": dict.fromkeys(OF_REPOSITORY, "*")}),
        trust({"Federated": "arn:aws:iam::123456789012:saml-provider/company"}),
    ),
    # Policies of resources
    ("no-anyone", anyone(Principal={"AWS": "*"}), anyone(Principal={"AWS": ACCOUNT})),
    ("no-anyone", anyone(Principal={"AWS": ["*"]}), anyone(Principal={"AWS": [ACCOUNT]})),
    (
        "no-anyone",
        anyone(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        anyone(Condition={"StringEquals": {"AWS:SourceAccount": "123456789012"}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"StringNotEquals": {"aws:SourceAccount": "123456789012"}}),
        anyone(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),
        anyone(Condition={"ArnLike": {"aws:SourceArn": ["arn:aws:sns:eu-west-1:1:news"]}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"ArnLike": {"aws:SourceArn": ["arn:aws:sns:eu-west-1:1:a", "*"]}}),
        anyone(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/app-*"}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"ArnEqualsIfExists": {"aws:SourceArn": ARN}}),
        anyone(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"x": "true"}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r/ou/"}}),
        anyone(Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r/ou/*"}}),
    ),
    (
        "no-anyone",
        anyone(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        anyone(Condition={"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}),
    ),
    ("no-anyone", anyone(NotPrincipal={"AWS": ACCOUNT}), anyone(Effect="Deny")),
    ("no-anyone", key("*"), key({"AWS": ACCOUNT})),
    ("no-anyone", bus_policy(Principal="*"), bus_policy(Principal={"AWS": ACCOUNT})),
    (
        "no-anyone",
        lambda: aws.cloudwatch.EventPermission("it", principal="*", statement_id="s"),
        lambda: aws.cloudwatch.EventPermission(
            "it",
            principal="*",
            statement_id="s",
            condition={"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"},
        ),
    ),
    ("no-anyone", permission("*"), permission("s3.amazonaws.com", source_arn="arn:aws:s3:::b")),
    (
        "no-anyone",
        permission("*", source_arn="arn:aws:s3:::*"),
        permission("*", principal_org_id="o-1"),
    ),
    (
        "no-anyone",
        lambda: aws.lambda_.LayerVersionPermission(
            "it", action="a", layer_name="l", principal="*", statement_id="s", version_number=1
        ),
        lambda: aws.lambda_.LayerVersionPermission(
            "it",
            action="a",
            layer_name="l",
            principal="*",
            organization_id="o-1",
            statement_id="s",
            version_number=1,
        ),
    ),
    # Policies of identities
    ("no-wildcard-action", inline(Action="*", Resource=TABLE_ARN), inline()),
    ("no-wildcard-action", inline(Action="dynamodb:*"), inline(Action=["dynamodb:GetItem"])),
    ("no-wildcard-action", allows(Action="dynamodb:?etItem"), allows(Action="dynamodb:GetItem")),
    (
        "no-wildcard-action",
        allows(Action=None, NotAction="iam:*"),
        allows(Effect="Deny", Action=None, NotAction="iam:*"),
    ),
    (
        "no-wildcard-action",
        anyone(Principal={"AWS": ACCOUNT}, NotAction="sqs:DeleteQueue"),
        anyone(Effect="Deny", NotAction="sqs:DeleteQueue"),
    ),
    ("no-wildcard-resource", inline(Resource="*"), inline(Resource=TABLE_ARN)),
    (
        "no-wildcard-resource",
        allows(Resource=None, NotResource=TABLE_ARN),
        allows(Effect="Deny", Resource=None, NotResource=TABLE_ARN),
    ),
    (
        "no-wildcard-resource",
        allows(Resource="arn:aws:dynamodb:*:*:table/*"),
        allows(Resource="arn:aws:dynamodb:*:123456789012:table/items/index/*"),
    ),
    (
        "no-wildcard-resource",
        allows(Resource="arn:aws:dynamodb:eu-west-1:123456789012:table/*/index/*"),
        allows(Resource="arn:aws:dynamodb:eu-west-1:123456789012:table/items*"),
    ),
    (
        "no-wildcard-resource",
        allows(Resource=[TABLE_ARN, "arn:aws:dynamodb:eu-west-1:*:table/items"]),
        allows(Resource=[TABLE_ARN, f"{TABLE_ARN}/index/*"]),
    ),
    (
        "no-wildcard-resource",
        allows(Action="s3:GetObject", Resource="arn:aws:s3:::*/*"),
        allows(Action="s3:GetObject", Resource="arn:aws:s3:::photos/*"),
    ),
    (
        "no-wildcard-resource",
        allows(Action="lambda:InvokeFunction", Resource="arn:aws:lambda:eu-west-1:1:function:*"),
        allows(Action="lambda:InvokeFunction", Resource="arn:aws:lambda:eu-west-1:1:function:f:*"),
    ),
    (
        "no-wildcard-resource",
        allows(Action="ses:SendEmail", Resource="arn:aws:ses:eu-west-1:1:identity/*"),
        allows(
            Action="ses:SendEmail",
            Resource="arn:aws:ses:eu-west-1:1:identity/*",
            Condition={"StringEquals": {"ses:FromAddress": "blog@example.com"}},
        ),
    ),
    ("no-wide-policy", attachment("AdministratorAccess"), attachment("ReadOnlyAccess")),
    ("no-wide-policy", attachment("AmazonDynamoDBFullAccess_v2"), attachment("SecurityAudit")),
    (
        "no-wide-policy",
        role(managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        role(managed_policy_arns=["arn:aws:iam::123456789012:policy/OurFullAccess"]),
    ),
    (
        "no-wide-policy",
        lambda: aws.iam.PolicyAttachment(
            "it", roles=["r"], policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        lambda: aws.iam.RolePolicyAttachmentsExclusive("it", role_name="r", policy_arns=[]),
    ),
]
"""Further programs for the same rules."""

BOTH_SIDES = [*((rule, *each) for rule, each in PROGRAMS.items()), *MORE]
"""A rule, a program that breaks it, and a similar one that follows it."""
