"""The services call each other: from instances to functions to containers, each with its role."""

import json
import os
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.handlers.api import Answer
from tests.handlers.aws import emulator_environment
from tools.smoke.__main__ import main


class Services:
    """The system and clients of its services."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.out = cloud, cloud.outputs["services"]

    def ask(self, service: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        parts = urlsplit(self.out[f"{service}Url"])
        connection = HTTPConnection(parts.netloc, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, parts.path + path, content, sent)
            response = connection.getresponse()
            return Answer(
                {
                    "statusCode": response.status,
                    "headers": {name.title(): value for name, value in response.getheaders()},
                    "body": response.read().decode(),
                }
            )
        finally:
            connection.close()

    def product(self, price: int = 450) -> str:
        name = f"p-{uuid.uuid4().hex[:12]}"
        self.change(name, price)
        return name

    def change(self, product: str, price: int) -> None:
        body = {"name": "Tea", "priceCents": price}
        answer = self.ask("catalogue", "PUT", f"/products/{product}", body)
        assert answer.status in (200, 201), answer.text

    def book(self, product: str, key: str = "", quantity: int = 1) -> Answer:
        body = {"productId": product, "quantity": quantity}
        key = key or uuid.uuid4().hex
        return self.ask("ledger", "POST", "/bookings", body, Idempotency_Key=key)

    def sold(self, product: str) -> int:
        sold: int = self.ask("catalogue", "GET", f"/products/{product}").body["sold"]
        return sold

    def log(self, group: str) -> str:
        logs = self.cloud.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        pages = logs.get_paginator("filter_log_events")
        return "\n".join(
            event["message"]
            for each in groups
            for page in pages.paginate(logGroupName=each["logGroupName"])
            for event in page["events"]
        )

    def price(self, product: str, keys: Credentials | None) -> Answer:
        path = f"/prices/{product}"
        if keys is None:
            return self.ask("prices", "GET", path)
        request = AWSRequest("GET", self.out["pricesUrl"] + path)
        SigV4Auth(keys, "execute-api", "us-east-1").add_auth(request)
        return self.ask("prices", "GET", path, **dict(request.headers))


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with Cloud(systems=["services"]) as cloud:
        yield Services(cloud)


def test_a_booking_goes_through_all_three_homes(services):
    product = services.product()
    made = services.book(product, "all-homes", quantity=10)
    assert made.status == 201, made.text
    assert (made.body["unitCents"], made.body["totalCents"]) == (450, 4275)
    again = services.book(product, "all-homes", quantity=10)
    assert (again.status, again.body) == (200, made.body)
    read = services.ask("ledger", "GET", f"/bookings/{made.body['bookingId']}")
    assert read.body == made.body
    until(lambda: services.sold(product) == 10, 60)


def test_a_changed_price_leaves_the_cache_at_once(services):
    product = services.product(100)
    assert services.book(product).body["unitCents"] == 100
    services.change(product, 200)

    def changed() -> bool:
        unit: int = services.book(product).body["unitCents"]
        return unit == 200

    until(changed, 45)


def test_bookings_of_many_callers_are_counted_once_each(services):
    product = services.product()
    keys = [f"{product}-{number % 20}" for number in range(40)]
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda key: services.book(product, key), keys))
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {201: 20, 200: 20}
    until(lambda: services.sold(product) == 20, 60)


@pytest.mark.parametrize("statement", [None, "arn:aws:execute-api:*:*:*/live/POST/*"])
def test_only_the_ledger_may_ask_for_prices(services, statement):
    product = services.product()
    assert services.price(product, None).status == 403
    iam, name = services.cloud.client("iam"), f"stranger-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]
    if statement:
        allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": statement}
        policy = {"Version": "2012-10-17", "Statement": [allowed]}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    sts = services.cloud.client("sts")
    keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    found = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert services.price(product, found).status == 403


def test_a_killed_instance_is_replaced_and_no_booking_is_lost(services):
    product = services.product()
    services.book(product)
    acknowledged: list[str] = []
    servers = _processes("services.ledger.app:handler", services.cloud.endpoint)
    with ThreadPoolExecutor(4) as callers:
        work = [callers.submit(_persist, services, product, number) for number in range(40)]
        os.kill(max(servers), signal.SIGKILL)
        acknowledged = [each.result() for each in work]
    assert len(set(acknowledged)) == 40
    until(lambda: services.sold(product) == 41, 90)


def _persist(services: Services, product: str, number: int) -> str:
    """Book as callers do: the same request, until it is acknowledged."""
    for _ in range(100):
        answer = services.book(product, f"{product}-{number}")
        if answer.status in (200, 201):
            booking: str = answer.body["bookingId"]
            return booking
        assert answer.status in (502, 503, 504), answer.text
    raise AssertionError("never acknowledged")


def _processes(words: str, endpoint: str) -> list[int]:
    """Return the processes with these words, of one emulator: others run beside it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if words in command and f"AWS_ENDPOINT_URL={endpoint}".encode() in variables:
            found.append(int(folder.name))
    return found


def test_the_output_of_all_homes_is_in_their_log_groups(services):
    product = services.product()
    services.book(product)
    for group, operation in (
        ("catalogue-logs", "PUT /products/{productId}"),
        ("prices-function-prices-logs", "GET /prices/{productId}"),
        ("ledger-logs", "POST /bookings"),
    ):
        until(lambda group=group, operation=operation: operation in services.log(group), 30)
    assert product not in services.log("ledger-logs")


def test_the_smoke_checks_succeed(services, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/outputs.json").write_text(json.dumps(services.cloud.outputs))
    variables = {
        **emulator_environment(services.cloud.emulator),
        "COLONNADE_MAILS": services.cloud.mails,
        "AWS_REGION": "us-east-1",
        "COLONNADE_STACK": "dev",
    }
    lines = [f"export {name}={value}\n" for name, value in variables.items()]
    (tmp_path / ".local/env").write_text("".join(lines))
    for name in variables:
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert main(["--target", "local", "--systems", "services"]) == 0, capsys.readouterr()
    assert "0 failed" in capsys.readouterr().out
