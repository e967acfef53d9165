"""Types for streams, the data lake, devices, mail and secrets."""

import json

import pulumi_aws as aws

bucket = aws.s3.Bucket("lake")
key = aws.kms.Key("key")
stream = aws.kinesis.Stream(
    "readings", shard_count=1, retention_period=48, encryption_type="KMS", kms_key_id=key.arn
)
trust = aws.iam.get_policy_document_output(
    statements=[
        {
            "actions": ["sts:AssumeRole"],
            "principals": [
                {"type": "Service", "identifiers": ["firehose.amazonaws.com", "iot.amazonaws.com"]}
            ],
        }
    ]
)
role = aws.iam.Role("delivery", assume_role_policy=trust.json)
group = aws.cloudwatch.LogGroup("delivery")
errors = aws.cloudwatch.LogStream("errors", log_group_name=group.name)
delivery = aws.kinesis.FirehoseDeliveryStream(
    "delivery",
    destination="extended_s3",
    extended_s3_configuration={
        "bucket_arn": bucket.arn,
        "role_arn": role.arn,
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": group.name,
            "log_stream_name": errors.name,
        },
    },
)

database = aws.glue.CatalogDatabase("lake", name="lake")
aws.glue.CatalogTable(
    "readings",
    name="readings",
    database_name=database.name,
    storage_descriptor={"columns": [{"name": "device", "type": "string"}]},
)
workgroup = aws.athena.Workgroup("reports", force_destroy=True)
aws.athena.NamedQuery(
    "report", database=database.name, workgroup=workgroup.name, query="select device from readings"
)

aws.iot.TopicRule(
    "readings",
    name="readings",
    enabled=True,
    sql="select * from 'readings'",
    sql_version="2016-03-23",
    firehoses=[{"delivery_stream_name": delivery.name, "role_arn": role.arn}],
)
publish = {"Effect": "Allow", "Action": "iot:Publish", "Resource": "*"}
aws.iot.Policy("device", policy=json.dumps({"Version": "2012-10-17", "Statement": [publish]}))

mails = aws.sesv2.ConfigurationSet("mails", configuration_set_name="mails")
bus = aws.cloudwatch.get_event_bus_output(name="default")
aws.sesv2.ConfigurationSetEventDestination(
    "mails",
    configuration_set_name=mails.configuration_set_name,
    event_destination_name="bus",
    event_destination={
        "enabled": True,
        "matching_event_types": ["BOUNCE"],
        "event_bridge_destination": {"event_bus_arn": bus.arn},
    },
)
aws.sesv2.EmailIdentity("sender", email_identity="sender@example.com")
aws.ses.Template("welcome", name="welcome", subject="Welcome", text="Hello {{name}}")
aws.secretsmanager.Secret("token")
aws.s3.BucketObjectv2("readme", bucket=bucket.bucket, key="readme", content="hello")
