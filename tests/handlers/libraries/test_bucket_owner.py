"""Calls of S3 name the account that must own the bucket; signed requests do not."""

import boto3
import pytest
from aws_clients import CONFIG, SIGNING, Clients, s3_client
from botocore.config import Config
from todo_list.files.clients import Clients as FilesClients

from local.emulator.process import Emulator
from tests.handlers.aws import emulator_environment

HEADER = "x-amz-expected-bucket-owner"
ACCOUNT = "000000000000"


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a function."""
    for name, value in {**emulator_environment(emulator), "BUCKET_OWNER": ACCOUNT}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def sent(client):
    """Return the value of the header in each request that a client sends from now on."""
    values = []

    def record(request, **_):
        values.append(request.headers.get(HEADER))

    client.meta.events.register("before-send.s3", record)
    return values


@pytest.mark.parametrize("clients", [Clients, FilesClients])
def test_every_call_about_a_bucket_names_its_owner(account, clients):
    client = clients().s3
    client.create_bucket(Bucket="owned")
    values = sent(client)
    client.put_object(Bucket="owned", Key="a", Body=b"x")
    client.head_object(Bucket="owned", Key="a")
    client.get_object(Bucket="owned", Key="a")
    client.list_objects_v2(Bucket="owned")
    list(client.get_paginator("list_object_versions").paginate(Bucket="owned"))
    client.delete_object(Bucket="owned", Key="a")
    assert [each.decode() if isinstance(each, bytes) else each for each in values] == [ACCOUNT] * 6


def test_calls_without_a_bucket_stay_as_they_are(account):
    client = s3_client(CONFIG)
    values = sent(client)
    client.list_buckets()
    assert values == [None]


def test_browsers_need_no_further_header_for_signed_requests(account):
    client = s3_client(SIGNING.merge(Config(s3={"addressing_style": "path"})))
    url = client.generate_presigned_url("put_object", Params={"Bucket": "owned", "Key": "a"})
    form = client.generate_presigned_post("owned", "a")
    assert HEADER not in url and HEADER not in form["fields"]


def test_without_the_variable_nothing_is_added(account, monkeypatch):
    monkeypatch.delenv("BUCKET_OWNER")
    client = s3_client(CONFIG)
    client.create_bucket(Bucket="of-anybody")
    values = sent(client)
    client.list_objects_v2(Bucket="of-anybody")
    assert values == [None]
