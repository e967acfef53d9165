"""Nobody can calculate the credentials of a function."""

import hashlib

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import allow

SOURCE = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
ROLE = "arn:aws:iam::000000000000:role/f-role"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
SESSION = "arn:aws:sts::000000000000:assumed-role/f-role/f"


def calculated():
    """Return what follows from the ARNs alone."""
    digest = hashlib.sha256(f"{FUNCTION}:{ROLE}".encode()).hexdigest()
    return {
        "aws_access_key_id": f"ASIA{digest[:16].upper()}",
        "aws_secret_access_key": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "aws_session_token": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }


def deploy(cloud):
    cloud.function("f", SOURCE, allow("sts:GetCallerIdentity"))
    assert cloud.invoke("f") == SESSION


def test_the_function_has_credentials_that_others_cannot_calculate(cloud):
    deploy(cloud)
    with pytest.raises(ClientError, match="invalid"):
        cloud.client("sts", **calculated()).get_caller_identity()


def test_stock_gives_away_the_credentials_of_a_function(stock):
    deploy(stock)
    assert stock.client("sts", **calculated()).get_caller_identity()["Arn"] == SESSION
