"""Policies that require HTTPS allow signed requests and deny unsigned ones."""

import json
import urllib.error
import urllib.request

import pytest

from tests.emulator.cloud import allow

READER = """
import boto3
def handler(event, context):
    return boto3.client("s3").get_object(Bucket="box", Key="k")["Body"].read().decode()
"""


def tls_only_bucket(cloud):
    """A bucket that anyone can read, but only over HTTPS."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="box")
    s3.put_object(Bucket="box", Key="k", Body=b"hello")
    s3.delete_public_access_block(Bucket="box")
    objects = {"Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::box/*"}
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    statements = [
        {"Effect": "Deny", "Condition": insecure, **objects},
        {"Effect": "Allow", **objects, "Action": "s3:GetObject"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    s3.put_bucket_policy(Bucket="box", Policy=json.dumps(policy))


def test_a_role_reads_through_a_tls_only_policy(cloud):
    tls_only_bucket(cloud)
    cloud.function("f", READER, allow("s3:GetObject", "arn:aws:s3:::box/*"))
    assert cloud.invoke("f") == "hello"


def test_an_unsigned_request_is_denied(cloud):
    tls_only_bucket(cloud)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{cloud.emulator.endpoint}/box/k")
    assert refused.value.code == 403
    refused.value.close()


def post(cloud, fields: dict) -> int:
    rows = [*fields.items(), ('file"; filename="f', "hello")]
    lines = [
        f'--end\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in rows
    ]
    body = "".join(lines) + "--end--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=end"}
    url = f"{cloud.emulator.endpoint}/box"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), kind)) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def test_a_signed_form_is_allowed_and_an_unsigned_one_denied(cloud):
    tls_only_bucket(cloud)
    signed = cloud.client("s3").generate_presigned_post("box", "form.txt")["fields"]
    assert post(cloud, signed) in (200, 201, 204)
    assert post(cloud, {"key": "form.txt"}) == 403


def test_a_role_uses_a_tls_only_queue(cloud):
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    _, arn = cloud.queue("q")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [{**deny, "Condition": insecure}]}
    url, _ = cloud.queue("q")
    cloud.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps(policy)}
    )
    source = "import boto3\ndef handler(event, context):\n    sqs = boto3.client('sqs')\n"
    source += f"    sqs.send_message(QueueUrl='{url}', MessageBody='1')"
    cloud.function("f", source, allow("sqs:SendMessage", arn))
    assert cloud.invoke("f") is None
    assert cloud.received(url) == [1]


def test_stock_denies_signed_requests_too(stock):
    tls_only_bucket(stock)
    stock.function("f", READER, allow("s3:GetObject", "arn:aws:s3:::box/*"))
    assert "AccessDenied" in stock.invoke("f")["errorMessage"]
