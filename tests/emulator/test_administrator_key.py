"""The secret access key of the administrator is checked, and differs in every run."""

import pytest
from botocore.exceptions import ClientError

from local.emulator import Emulator
from local.emulator.clients import administrator
from tests.emulator.cloud import Cloud
from tests.emulator.gateway import call

FORGED = [
    {"aws_access_key_id": key, "aws_secret_access_key": secret}
    for key in ("test", "000000000000", "123456789012")
    for secret in ("test", "wrong")
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda each: "-".join(each.values()))
def test_calls_with_another_secret_are_refused(cloud: Cloud, forged: dict[str, str]):
    for service, operation in CALLS.items():
        with pytest.raises(ClientError) as error:
            operation(cloud.client(service, **forged))
        assert error.value.response["Error"]["Code"] in REFUSALS, service


CALLS = {
    "iam": lambda client: client.create_role(RoleName="mine", AssumeRolePolicyDocument="{}"),
    "lambda": lambda client: client.invoke(FunctionName="any"),
    "dynamodb": lambda client: client.list_tables(),
    "s3": lambda client: client.create_bucket(Bucket="mine"),
    "sqs": lambda client: client.list_queues(),
    "sts": lambda client: client.get_caller_identity(),
}
REFUSALS = {"SignatureDoesNotMatch", "InvalidSignatureException", "UnrecognizedClientException"}


@pytest.mark.parametrize("forged", FORGED, ids=lambda each: "-".join(each.values()))
def test_signed_urls_with_another_secret_are_refused(cloud: Cloud, forged: dict[str, str]):
    cloud.client("s3").create_bucket(Bucket="kept")
    cloud.client("s3").put_object(Bucket="kept", Key="a", Body=b"kept")
    of_s3 = {"Bucket": "kept", "Key": "a"}
    assert call(cloud.client("s3").generate_presigned_url("get_object", of_s3)).text == "kept"
    for client, operation, arguments in (
        (cloud.client("s3", **forged), "get_object", of_s3),
        (cloud.client("sts", **forged), "get_caller_identity", {}),
    ):
        assert call(client.generate_presigned_url(operation, arguments)).status == 403


def test_the_administrator_is_the_root_of_the_account(cloud: Cloud):
    assert cloud.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"


def test_the_secret_of_another_run_is_refused():
    with Emulator() as first, Emulator() as second:
        foreign = second.client("iam", **administrator(first.secret))
        with pytest.raises(ClientError, match="signature"):
            foreign.list_roles()


def test_stock_takes_any_secret(stock: Cloud):
    stock.client("iam", **FORGED[1]).list_roles()
