"""TodoList: the back end of a to-do app: API, users, their to-dos and their files."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, declare, resolve
from .._blocks.capacity import CapacityArgs
from .._blocks.function import FunctionsArgs
from .._blocks.table import Index, Table
from .._blocks.web_origin import SIGN_IN_ORIGIN, WEB_ORIGIN
from ..serverless_api import (
    ApiFunctionArgs,
    DirectWritesArgs,
    ReleaseArgs,
    ServerlessApi,
    ServerlessApiArgs,
)
from .dax import Dax, DaxArgs

_READS = ("listTodos", "getTodo")
_OPERATIONS = {
    **dict.fromkeys(_READS, "todos_read"),
    **dict.fromkeys(("createTodo", "updateTodo", "deleteTodo"), "todos_write"),
    **dict.fromkeys(("listFiles", "uploadFile", "downloadFile", "deleteFile"), "files"),
    "getHealth": "health",
}


class TodoListArgs(TypedDict):
    openapi: str
    """Text of the API's OpenAPI document, `apis/todo.yaml`."""
    site_url: pulumi.Input[str]
    """Origin of the web client: `https://todo.example.com`. Users return to it after sign-in, and
    its pages can access their files."""
    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Web origins whose pages can call the API: `["https://todo.example.com"]`. A `StaticSite` that
    serves the API below `/api` needs none. Default: `site_url`."""
    cached: NotRequired[bool]
    """Whether API Gateway caches responses, separately for each user; billed by the hour. Default:
    true."""
    url_seconds: NotRequired[int]
    """Validity of presigned URLs, 10 to 3600 seconds. Default: 300."""
    max_file_bytes: NotRequired[int]
    """Maximum size of a file, 1 to 5368709120 bytes. Default: 10485760 (10 MiB)."""
    direct_writes: NotRequired[DirectWritesArgs]
    """Whether users can also write to their folders with their own credentials, and the limits: see
    `UserFolderArgs`. Default: none; credentials can only read."""
    capacity: NotRequired[CapacityArgs]
    """Provisioned capacity of the table of to-dos and of its index, with auto scaling. Default: on
    demand."""
    dax: NotRequired[DaxArgs]
    """A DAX cluster that caches reads of the table, which can then be as old as its TTLs; billed by
    the hour. Default: none."""
    release: NotRequired[ReleaseArgs]
    """Gradual deployments of new code: see `ServerlessApiArgs`. Default: new code receives all
    requests at once."""
    sunset: NotRequired[str]
    """When this version of the API is withdrawn: see `ServerlessApiArgs`. Default: never."""
    account_logging: NotRequired[bool]
    """Whether to set the account's role for logs of API Gateway: see `ServerlessApiArgs`. Default:
    true."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the functions. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether to-dos, users and files are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    TodoListArgs,
    defaults={
        "cached": True,
        "url_seconds": 300,
        "max_file_bytes": 10 * 1024**2,
        "account_logging": True,
        "functions": {},
        "retain_data": True,
    },
    limits={
        "site_url": SIGN_IN_ORIGIN,
        "allowed_origins": WEB_ORIGIN,
        "url_seconds": Between(10, 3600, "seconds"),
        "max_file_bytes": Between(1, 5 * 1024**3, "bytes"),
    },
)


class TodoList(pulumi.ComponentResource):
    """A `ServerlessApi` with a table of to-dos and an S3 folder for each user.

    Default settings: those of `ServerlessApi`. The function that reads to-dos cannot write them.
    The index of open to-dos contains only open to-dos.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    todos_table_name: pulumi.Output[str]
    """Name of the table of to-dos."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the user pool's public client."""
    login_url: pulumi.Output[str]
    """Base URL of managed login."""
    identity_pool_id: pulumi.Output[str]
    """ID of the identity pool."""
    files_bucket_name: pulumi.Output[str]
    """Name of the bucket of user folders."""
    files_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of the bucket of user folders, the origin of presigned URLs."""
    release_application: pulumi.Output[str]
    """Name of the CodeDeploy application, for `tools.release`; empty without `release`."""

    def __init__(
        self, name: str, args: TodoListArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:TodoList", name, {}, opts)
        args = resolve("TodoList", name, TodoListArgs, args)
        self._name, self._args = name, args
        self._table = Table(
            f"{name}-todos",
            parent=self,
            keys={"userId": "S", "todoId": "S"},
            index=Index("open-by-due", {"openUserId": "S", "dueAt": "S"}, "ALL"),
            capacity=args.get("capacity"),
            retain=args["retain_data"],
        )
        self._dax = self._create_dax()
        api = ServerlessApi(f"{name}-api", self._api_args(), pulumi.ResourceOptions(parent=self))
        outputs = {
            "url": api.url,
            "todos_table_name": self._table.table_name,
            "user_pool_id": api.user_pool_id,
            "user_pool_client_id": api.user_pool_client_id,
            "login_url": api.login_url,
            "identity_pool_id": api.identity_pool_id,
            "files_bucket_name": api.files_bucket_name,
            "files_bucket_domain_name": api.files_bucket_domain_name,
            "release_application": api.release_application,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_dax(self) -> Optional[Dax]:
        if "dax" not in self._args:
            return None
        return Dax(
            f"{self._name}-dax",
            self._args["dax"],
            self._table,
            parent=self,
            alarms=Alarms(self._name, self, self._args.get("alarm_topic_arn")),
            log_retention_days=self._args["functions"]["log_retention_days"],
        )

    def _api_args(self) -> ServerlessApiArgs:
        site = self._args["site_url"]
        return {
            "openapi": self._args["openapi"],
            "operations": _OPERATIONS,
            "api_functions": self._api_functions(),
            "allowed_origins": self._args.get("allowed_origins", [site]),
            "stage_name": "api",  # so that a StaticSite can serve the API below /api
            "users": {"callback_urls": [pulumi.Output.concat(site, "/")]},
            "user_folder": {
                "allowed_origins": [site],
                "direct_writes": self._args.get("direct_writes"),
            },
            "cache": {"cache_keys": dict.fromkeys(_READS, ())} if self._args["cached"] else None,
            "release": self._args.get("release"),
            "sunset": self._args.get("sunset"),
            "account_logging": self._args["account_logging"],
            "functions": self._args["functions"],
            "retain_data": self._args["retain_data"],
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }

    def _api_functions(self) -> dict[str, ApiFunctionArgs]:
        table = self._table
        environment = {"TODOS_TABLE": table.table_name}
        reads = [table.grant("GetItem", "Query"), table.grant_query_index()]
        writes = [table.grant("PutItem", "UpdateItem", "DeleteItem")]
        limits = {
            "URL_SECONDS": str(self._args["url_seconds"]),
            "MAX_FILE_BYTES": str(self._args["max_file_bytes"]),
        }
        todos_read: ApiFunctionArgs = {
            "code": "todo_list/todos_read",
            "access": [{"environment": environment, "statements": reads}],
        }
        if self._dax:
            todos_read["code"] = "todo_list/todos_read_dax"
            todos_read["access"] = [*todos_read["access"], self._dax.grant_read()]
            todos_read["vpc"] = self._dax.clients
        return {
            "todos_read": todos_read,
            "todos_write": {
                "code": "todo_list/todos_write",
                "access": [{"environment": environment, "statements": writes}],
            },
            "files": {
                "code": "todo_list/files",
                "access": [{"environment": limits}],
                "user_folders": True,
            },
            "health": {"code": "serverless_api/health"},
        }
