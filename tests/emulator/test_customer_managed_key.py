"""The key of `customer_managed_key` reaches the stores of the emulator."""

from tests.projects import ROOT

KEY = "arn:aws:kms:us-east-1:123456789012:key/of-the-customer"
PROGRAM = f"""
import sys
import pulumi_aws as aws
sys.path.insert(0, "{ROOT}")
from components.customer_managed_key import customer_managed_key

pulumi.runtime.register_resource_transform(customer_managed_key("{KEY}"))
aws.dynamodb.Table("items", name="items", billing_mode="PAY_PER_REQUEST", hash_key="id",
    attributes=[{{"name": "id", "type": "S"}}])
bucket = aws.s3.Bucket("files", bucket="files")
aws.s3.BucketServerSideEncryptionConfiguration("files", bucket=bucket.id,
    rules=[{{"apply_server_side_encryption_by_default": {{"sse_algorithm": "AES256"}}}}])
pulumi.export("queue", aws.sqs.Queue("work", sqs_managed_sse_enabled=True).url)
aws.cloudwatch.LogGroup("lines", name="lines")
aws.secretsmanager.Secret("secret", name="secret")
aws.kinesis.Stream("readings", name="readings", shard_count=1)
"""


def test_stores_are_encrypted_with_the_key(deploy):
    cloud = deploy(PROGRAM)
    table = cloud.client("dynamodb").describe_table(TableName="items")["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == KEY
    found = cloud.client("s3").get_bucket_encryption(Bucket="files")
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY
    assert rule["BucketKeyEnabled"] is True
    sqs, queue = cloud.client("sqs"), cloud.outputs["queue"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == KEY
    assert attributes.get("SqsManagedSseEnabled", "false") == "false"
    (group,) = cloud.client("logs").describe_log_groups(logGroupNamePrefix="lines")["logGroups"]
    assert group["kmsKeyId"] == KEY
    assert cloud.client("secretsmanager").describe_secret(SecretId="secret")["KmsKeyId"] == KEY
    stream = cloud.client("kinesis").describe_stream_summary(StreamName="readings")
    assert stream["StreamDescriptionSummary"]["KeyId"] == KEY
    cloud.client("s3").put_object(Bucket="files", Key="a", Body=b"a")
    assert sqs.send_message(QueueUrl=queue, MessageBody="a")["MessageId"]
