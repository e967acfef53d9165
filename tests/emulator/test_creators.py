"""Every resource type that local mode creates, read back from the embedded AWS."""

import base64
import hashlib
import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.projects import copy_program


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    return []


@pytest.fixture(scope="module")
def made(tmp_path_factory, reports) -> Iterator[Cloud]:
    folder = copy_program("every_type", tmp_path_factory.mktemp("every_type"))
    with Cloud(program=folder, listen=reports.append) as cloud:
        yield cloud


def output(cloud: Cloud, kind: str, name: str, key: str) -> str:
    return next(
        each.outputs[key]
        for each in cloud.resources
        if each.type.endswith(f":{kind}") and each.name == name
    )


def test_types_and_arguments_that_are_not_emulated_are_reported(made, reports):
    said = {each["message"].split(": ")[0] for each in reports if each["event"] == "not_emulated"}
    assert said == {
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:lambda/function:Function",
        "aws:schemas/registry:Registry",
        "aws:schemas/schema:Schema",
    }
    assert made.outputs["caller"] == {"account": "000000000000", "region": "us-east-1"}
    assert output(made, "Registry", "events", "arn").startswith("arn:aws:schemas:us-east-1:")


def test_table_with_indexes_stream_ttl_backups_encryption_and_tags(made):
    dynamodb, name = made.client("dynamodb"), output(made, "Table", "orders", "name")
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["id", "at"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["LatestStreamArn"] == output(made, "Table", "orders", "streamArn")
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert table["SSEDescription"]["SSEType"] == "KMS"
    indexes = {each["IndexName"]: each for each in table["GlobalSecondaryIndexes"]}
    assert [each["AttributeName"] for each in indexes["pending"]["KeySchema"]] == ["p", "at"]
    assert indexes["pending"]["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert indexes["flat"]["Projection"]["NonKeyAttributes"] == ["x"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "platform"}]


def test_provisioned_table_with_local_index_and_deletion_protection(made):
    name = output(made, "Table", "provisioned", "name")
    table = made.client("dynamodb").describe_table(TableName=name)["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert table["LocalSecondaryIndexes"][0]["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "by", "KeyType": "RANGE"},
    ]
    assert table["DeletionProtectionEnabled"] is True


def test_roles_and_policies(made):
    iam, name = made.client("iam"), output(made, "Role", "worker", "name")
    role = iam.get_role(RoleName=name)["Role"]
    assert role["MaxSessionDuration"] == 7200
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    assert sorted(each.split("-")[0] for each in policies) == ["receive", "stream", "worker"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached[0]["PolicyArn"] == output(made, "Policy", "managed", "arn")


def test_function_with_its_settings_and_both_kinds_of_archive(made):
    client, name = made.client("lambda"), output(made, "Function", "worker", "name")
    found = client.get_function(FunctionName=name)
    settings = found["Configuration"]
    assert (settings["MemorySize"], settings["Timeout"]) == (256, 20)
    assert settings["LoggingConfig"]["LogFormat"] == "JSON"
    assert settings["DeadLetterConfig"]["TargetArn"] == output(made, "Queue", "dead", "arn")
    assert settings["EphemeralStorage"]["Size"] == 1024
    assert settings["TracingConfig"]["Mode"] == "Active"
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 5
    queue = output(made, "Queue", "jobs", "name")
    assert settings["Environment"]["Variables"]["QUEUE"] == queue
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == 42
    folder = output(made, "Function", "folder", "name")
    answer = json.load(client.invoke(FunctionName=folder, Payload=b'{"a": 1}')["Payload"])
    assert answer == {"event": {"a": 1}, "function": folder}


def test_zip_of_a_function_is_the_same_bytes_every_time(made):
    name = output(made, "Function", "worker", "name")
    found = made.client("lambda").get_function(FunctionName=name)
    assert found["Configuration"]["CodeSha256"] == output(made, "Function", "worker", "codeSha256")
    with urllib.request.urlopen(found["Code"]["Location"]) as answer:
        code = answer.read()
    digest = base64.b64encode(hashlib.sha256(code).digest()).decode()
    assert digest == output(made, "Function", "worker", "codeSha256")
    entries = zipfile.ZipFile(io.BytesIO(code)).infolist()
    assert [each.filename for each in entries] == ["data.py", "pkg/app.py"]
    assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_alias_version_and_arns_of_a_function(made):
    arn = output(made, "Function", "worker", "arn")
    assert output(made, "Function", "worker", "qualifiedArn") == f"{arn}:1"
    assert output(made, "Function", "worker", "invokeArn").endswith(f"functions/{arn}/invocations")
    alias = output(made, "Alias", "live", "name")
    found = made.client("lambda").get_alias(FunctionName=arn, Name=alias)
    assert found["FunctionVersion"] == "1"
    assert found["AliasArn"] == output(made, "Alias", "live", "arn")


def test_event_source_mappings(made):
    client = made.client("lambda")
    mappings = {
        each["EventSourceArn"]: each
        for each in client.list_event_source_mappings()["EventSourceMappings"]
    }
    jobs = mappings[output(made, "Queue", "jobs", "arn")]
    assert jobs["BatchSize"] == 20 and jobs["FunctionArn"].endswith(
        output(made, "Alias", "live", "name")
    )
    assert jobs["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert jobs["ScalingConfig"] == {"MaximumConcurrency": 5}
    orders = mappings[output(made, "Table", "orders", "streamArn")]
    assert orders["BisectBatchOnFunctionError"] is True and orders["MaximumRetryAttempts"] == 2
    assert orders["DestinationConfig"]["OnFailure"] == {
        "Destination": output(made, "Queue", "dead", "arn")
    }
    assert json.loads(orders["FilterCriteria"]["Filters"][0]["Pattern"]) == {
        "eventName": ["INSERT"]
    }


def test_permission_and_asynchronous_settings(made):
    client, name = made.client("lambda"), output(made, "Function", "worker", "name")
    statement = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert output(made, "EventRule", "rule", "arn") in json.dumps(statement["Condition"])
    settings = client.get_function_event_invoke_config(FunctionName=name)
    assert settings["MaximumRetryAttempts"] == 1
    assert settings["DestinationConfig"]["OnFailure"]["Destination"] == output(
        made, "Queue", "dead", "arn"
    )


def test_queues_and_their_policies(made):
    sqs = made.client("sqs")

    def attributes(name: str) -> dict:
        url = output(made, "Queue", name, "url")
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    jobs, dead = attributes("jobs"), output(made, "Queue", "dead", "arn")
    assert jobs["VisibilityTimeout"] == "60"
    assert jobs["KmsMasterKeyId"] == output(made, "Key", "key", "arn")
    assert json.loads(jobs["RedrivePolicy"])["deadLetterTargetArn"] == dead
    assert "events.amazonaws.com" in jobs["Policy"]
    assert jobs["QueueArn"] == output(made, "Queue", "jobs", "arn")
    assert attributes("dead")["MessageRetentionPeriod"] == "1209600"
    assert attributes("dead")["SqsManagedSseEnabled"] == "true"
    assert json.loads(attributes("dead")["RedriveAllowPolicy"])["redrivePermission"] == "byQueue"
    assert json.loads(attributes("plain")["RedrivePolicy"])["maxReceiveCount"] == 3
    assert attributes("ordered")["FifoQueue"] == "true"
    assert output(made, "Queue", "ordered", "name").endswith(".fifo")
    tags = sqs.list_queue_tags(QueueUrl=output(made, "Queue", "jobs", "url"))["Tags"]
    assert tags == {"team": "platform", "owner": "us"}


def test_bus_rule_targets_and_archive(made):
    events, bus = made.client("events"), output(made, "EventBus", "bus", "name")
    rule = output(made, "EventRule", "rule", "name")
    found = events.describe_rule(Name=rule, EventBusName=bus)
    assert json.loads(found["EventPattern"]) == {"source": ["orders"]}
    assert found["State"] == "ENABLED"
    targets = {
        each["Id"].split("-")[0]: each
        for each in events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    }
    assert targets["queue"]["DeadLetterConfig"] == {"Arn": output(made, "Queue", "dead", "arn")}
    assert targets["queue"]["RetryPolicy"]["MaximumRetryAttempts"] == 4
    assert targets["function"]["InputTransformer"]["InputPathsMap"] == {"order": "$.detail"}
    archive = events.describe_archive(ArchiveName=output(made, "EventArchive", "archive", "name"))
    assert archive["RetentionDays"] == 7
    assert archive["EventSourceArn"] == output(made, "EventBus", "bus", "arn")
    timer = events.describe_rule(Name=output(made, "EventRule", "timer", "name"))
    assert (timer["ScheduleExpression"], timer["State"]) == ("rate(1 hour)", "DISABLED")


def test_schedule(made):
    name = output(made, "Schedule", "nightly", "name")
    found = made.client("scheduler").get_schedule(Name=name)
    assert found["ScheduleExpression"] == "rate(12 hours)"
    assert found["Target"]["RoleArn"] == output(made, "Role", "scheduler", "arn")
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 2
    assert found["Target"]["DeadLetterConfig"] == {"Arn": output(made, "Queue", "dead", "arn")}


def test_logs_alarms_and_dashboard(made):
    group = output(made, "LogGroup", "worker", "name")
    logs, cloudwatch = made.client("logs"), made.client("cloudwatch")
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert found["retentionInDays"] == 14
    counted = logs.describe_metric_filters(logGroupName=group)["metricFilters"][0]
    assert counted["filterPattern"] == "ERROR"
    assert counted["metricTransformations"][0]["metricNamespace"] == "Worker"
    errors = output(made, "MetricAlarm", "errors", "name")
    alarm = cloudwatch.describe_alarms(AlarmNames=[errors])["MetricAlarms"][0]
    assert alarm["Dimensions"][0]["Value"] == output(made, "Function", "worker", "name")
    assert alarm["AlarmActions"] == [output(made, "Topic", "alarms", "arn")]
    assert alarm["AlarmArn"] == output(made, "MetricAlarm", "errors", "arn")
    rate = output(made, "MetricAlarm", "rate", "name")
    assert cloudwatch.describe_alarms(AlarmNames=[rate])["MetricAlarms"][0]["Threshold"] == 0.5
    assert json.loads(cloudwatch.get_dashboard(DashboardName="board")["DashboardBody"])


def test_topic_and_subscription(made):
    sns, arn = made.client("sns"), output(made, "Topic", "alarms", "arn")
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "Alarms"
    assert "events.amazonaws.com" in attributes["Policy"]
    subscription = output(made, "TopicSubscription", "alarms", "arn")
    found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert found["RawMessageDelivery"] == "true"
    assert json.loads(found["FilterPolicy"]) == {"level": ["high"]}


def test_bucket_and_its_settings(made):
    s3, name = made.client("s3"), output(made, "Bucket", "Files", "bucket")
    assert name.startswith("files-")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"] == output(made, "Key", "key", "arn")
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicAcls"] is True and block["RestrictPublicBuckets"] is False
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert [each["ID"] for each in rules] == ["old", "all"]
    assert rules[0]["Filter"] == {"Prefix": "tmp/"} and rules[0]["Expiration"]["Days"] == 90
    assert rules[0]["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    ownership = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "111122223333" in s3.get_bucket_policy(Bucket=name)["Policy"]
    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    assert {each["Key"]: each["Value"] for each in tags} == {"team": "platform", "kind": "files"}


def test_notifications_of_a_bucket(made):
    s3, name = made.client("s3"), output(made, "Bucket", "Files", "bucket")
    told = s3.get_bucket_notification_configuration(Bucket=name)
    (queue,) = told["QueueConfigurations"]
    assert queue["QueueArn"] == output(made, "Queue", "dead", "arn")
    assert queue["Filter"]["Key"]["FilterRules"] == [{"Name": "prefix", "Value": "in/"}]
    (function,) = told["LambdaFunctionConfigurations"]
    assert function["Events"] == ["s3:ObjectRemoved:*"]
    assert function["Filter"]["Key"]["FilterRules"] == [{"Name": "suffix", "Value": ".jpg"}]
    assert told["EventBridgeConfiguration"] == {}
    assert s3.get_bucket_accelerate_configuration(Bucket=name)["Status"] == "Enabled"


def test_key_and_its_alias(made):
    kms, alias = made.client("kms"), output(made, "Alias", "key", "name")
    found = kms.describe_key(KeyId=alias)["KeyMetadata"]
    assert found["Arn"] == output(made, "Key", "key", "arn")
    assert found["Description"] == "for the queue"
    assert kms.get_key_rotation_status(KeyId=found["KeyId"])["KeyRotationEnabled"] is True
