"""Checks of the to-do app: its page, sign-in by SRP, to-dos, and the folder of the user."""

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from local.people import User

from . import page
from .checks import Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import call, send


class Todo(SystemChecks):
    """The checks of the system `todo`."""

    name = "todo"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed
        self._user: User

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("the page has its security headers", self._page),
            Check("the API refuses a caller without a token", self._no_token),
            Check("a user signs in by SRP", self._sign_in),
            Check("the user adds a to-do and reads it", self._add, 90, after=self._sign_in),
            Check("the user writes to the own folder", self._own_folder, 90, after=self._sign_in),
            Check(
                "folders of other users are refused", self._other_folders, after=self._own_folder
            ),
        ]

    def _page(self) -> str:
        page.opens(self._deployed["siteUrl"])
        config = call(f"{self._deployed['siteUrl']}/config.json").expect(200).json
        if config["userPoolClientId"] != self._deployed["userPoolClientId"]:
            raise Failed("config.json has the client of another user pool")
        return self._deployed["siteUrl"]

    def _no_token(self) -> None:
        call(f"{self._deployed['apiUrl']}/todos").expect(401)

    def _sign_in(self) -> None:
        self._user = self._deployed.sign_in(self.remove_later)

    def _add(self) -> None:
        url, token = f"{self._deployed['apiUrl']}/todos", f"Bearer {self._user.access_token}"
        self.remove_later(
            f"to-dos of user {self._user.sub}",
            lambda: self._deployed.delete_rows("todosTable", "todoId", userId=self._user.sub),
        )
        headers = {"authorization": token, "idempotency_key": self._deployed.run}
        added = send(url, {"title": self._deployed.run}, **headers).expect(201).json

        def listed() -> bool:
            items = call(url, authorization=token).expect(200).json["items"]
            return added["todoId"] in [each["todoId"] for each in items]

        self.clock.until(listed, "the to-do in the list", 1)

    def _own_folder(self) -> None:
        user, bucket = self._user, self._deployed["filesBucket"]
        folder = f"users/{user.sub}/"
        self.remove_later(f"files in {folder}", self._remove_files(folder))
        if not self._deployed.local:  # the emulator has no DeleteIdentities
            self.remove_later(f"identity of user {user.sub}", self._remove_identity)
        self._deployed.client("s3").put_object(
            Bucket=bucket, Key=f"{folder}hello.txt", Body=b"hello", ContentType="text/plain"
        )
        url, token = f"{self._deployed['apiUrl']}/files", f"Bearer {user.access_token}"

        def listed() -> bool:
            items = call(url, authorization=token).expect(200).json["items"]
            return "hello.txt" in [each["name"] for each in items]

        self.clock.until(listed, "the file in the list", 1)
        own = self._deployed.client("s3", **user.credentials)
        if own.get_object(Bucket=bucket, Key=f"{folder}hello.txt")["Body"].read() != b"hello":
            raise Failed("the file has another content")
        # Files come in through the API, which checks their limits.
        _denied(lambda: own.put_object(Bucket=bucket, Key=f"{folder}direct.txt", Body=b"x"))

    def _other_folders(self) -> None:
        bucket, folder = self._deployed["filesBucket"], f"users/{self._deployed.run}/"
        self.remove_later(f"files in {folder}", self._remove_files(folder))
        key = {"Bucket": bucket, "Key": f"{folder}secret.txt"}
        self._deployed.client("s3").put_object(**key, Body=b"of another user")
        own = self._deployed.client("s3", **self._user.credentials)
        _denied(lambda: own.get_object(**key))
        _denied(lambda: own.put_object(**key, Body=b"overwritten"))
        _denied(lambda: own.delete_object(**key))
        _denied(lambda: own.list_objects_v2(Bucket=bucket, Prefix="users/"))

    def _remove_files(self, folder: str) -> Callable[[], None]:
        return lambda: self._deployed.delete_objects("filesBucket", folder)

    def _remove_identity(self) -> None:
        self._deployed.client("cognito-identity").delete_identities(
            IdentityIdsToDelete=[self._user.identity_id]
        )


def _denied(attempt: Callable[[], Any]) -> None:
    try:
        attempt()
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            return
        raise
    raise Failed("a user reached the folder of another user")
