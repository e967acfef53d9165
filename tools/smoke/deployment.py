"""A system as it is deployed: its outputs, and AWS clients for its account."""

import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from local.people import Place, User
from tools.stack_outputs import CommandError, System

_REGION = re.compile(r"\.(?:execute-api|iot|sqs)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")
# No attempt may take longer than a check. A function runs for up to a minute.
_CONFIG = Config(connect_timeout=5, read_timeout=65, retries={"mode": "standard"})

# Creating clients is not thread-safe in boto3; using them is.
_making = threading.Lock()


class Deployment:
    """One system of a stack, on AWS or on the embedded cloud.

    Args:
        system: its outputs.
        local: whether it runs on the embedded cloud.
    """

    def __init__(self, system: System, local: bool) -> None:
        self._system = system
        self.local = local
        self.run = f"smoke-{secrets.token_hex(4)}"
        """Name of everything that this run creates."""
        self._clients: dict[str, Any] = {}

    def __getitem__(self, output: str) -> str:
        """Return an output. Raises CommandError if there is none."""
        return self._system[output]

    @property
    def endpoint(self) -> str:
        """Address of the embedded cloud; empty on AWS."""
        return os.environ.get("AWS_ENDPOINT_URL", "")

    @cached_property
    def region(self) -> str:
        """The region of the stack, which the addresses in its outputs contain."""
        found = _REGION.search(json.dumps(dict(self._system.outputs)))
        region = found[1] if found else os.environ.get("AWS_REGION")
        if not (region or os.environ.get("AWS_DEFAULT_REGION")):
            raise CommandError("the outputs do not contain the region of the stack; set AWS_REGION")
        return region or os.environ["AWS_DEFAULT_REGION"]

    def client(self, service: str, **credentials: str) -> Any:
        """Return a boto3 client, by default with the credentials of the shell."""
        if credentials:
            return self._create(service, credentials)
        if service not in self._clients:
            self._clients[service] = self._create(service, {})
        return self._clients[service]

    def sign_in(self, remove_later: Callable[[str, Callable[[], Any]], None]) -> User:
        """Create a user and sign in by SRP.

        An administrator creates the user, because no program can read the code that Cognito mails
        to a user who signs up.
        """
        idp, pool = self.client("cognito-idp"), self["userPoolId"]
        email, password = f"{self.run}@example.com", f"Aa1-{secrets.token_urlsafe(18)}"
        remove_later(f"user {email}", lambda: self._delete_user(email))
        idp.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        idp.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=True
        )
        place = Place.of(self.endpoint, self._system.outputs)
        return User(place, email, password, self.client)

    def _delete_user(self, email: str) -> None:
        idp = self.client("cognito-idp")
        try:
            idp.admin_delete_user(UserPoolId=self["userPoolId"], Username=email)
        except idp.exceptions.UserNotFoundException:
            return

    def rows(self, table: str, **key: str) -> list[dict[str, Any]]:
        """Return the items of a partition: `rows("todosTable", userId="...")`."""
        ((name, value),) = key.items()
        pages = (
            self.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self[table],
                KeyConditionExpression="#key = :value",
                ExpressionAttributeNames={"#key": name},
                ExpressionAttributeValues={":value": {"S": value}},
                ConsistentRead=True,
            )
        )
        return [item for page in pages for item in page["Items"]]

    def delete_rows(self, table: str, sort: str | None, **key: str) -> None:
        """Delete the items of a partition.

        Args:
            table: output with the name of the table.
            sort: the sort key, if the table has one.
            key: the partition key.
        """
        names = [*key, *([sort] if sort else [])]
        for row in self.rows(table, **key):
            self.delete_row(table, {name: row[name] for name in names})

    def delete_row(self, table: str, key: Mapping[str, Any]) -> None:
        """Delete an item, if it exists."""
        self.client("dynamodb").delete_item(TableName=self[table], Key=key)

    def objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """Return the objects below a prefix."""
        pages = (
            self.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self[bucket], Prefix=prefix)
        )
        return [each for page in pages for each in page.get("Contents", [])]

    def delete_objects(self, bucket: str, prefix: str) -> None:
        """Delete all versions of the objects below a prefix."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_object_versions").paginate(
            Bucket=self[bucket], Prefix=prefix
        )
        for page in pages:
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=self[bucket], Key=each["Key"], VersionId=each["VersionId"])

    def _create(self, service: str, credentials: Mapping[str, str]) -> Any:
        with _making:
            return boto3.client(  # type: ignore[call-overload]
                service, region_name=self.region, config=_CONFIG, **credentials
            )
