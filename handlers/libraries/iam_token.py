"""IAM tokens with which a service logs in to a database or a cache, in place of a password.

A token is a request that the caller's role signs and does not send. The server checks the
signature, the right to connect and the age: 15 minutes at most, when the connection is opened.
"""

import os
from collections.abc import Mapping
from functools import cache

import boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

__all__ = ["cache_token", "database_token"]

_SECONDS = 900


def database_token(host: str, port: int, user: str) -> str:
    """Return a token for a user of RDS or Aurora.

    As `generate_db_auth_token` of boto3's client, without loading the model of all of RDS.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
    """
    return _signed("rds-db", f"{host}:{port}", {"Action": "connect", "DBUser": user})


def cache_token(name: str, user: str) -> str:
    """Return a token for a user of ElastiCache Serverless.

    Args:
        name: name of the cache, in lower case.
        user: ID of the user, which is its name too.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    """
    wanted = {"Action": "connect", "User": user, "ResourceType": "ServerlessCache"}
    return _signed("elasticache", name, wanted)


def _signed(service: str, host: str, parameters: Mapping[str, str]) -> str:
    credentials = _session().get_credentials()
    if credentials is None:
        raise RuntimeError("there are no AWS credentials to sign a token with")
    request = AWSRequest("GET", f"https://{host}/", params=dict(parameters))
    # Credentials of a role expire; the session renews them.
    signer = SigV4QueryAuth(
        credentials.get_frozen_credentials(), service, _region(), expires=_SECONDS
    )
    signer.add_auth(request)
    return str(request.url).removeprefix("https://")


@cache
def _session() -> boto3.Session:
    return boto3.Session()


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
