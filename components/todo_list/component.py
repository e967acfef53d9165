"""TodoList: the back end of a to-do app: API, users, their to-dos and their files."""

from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.alarms import Alarms
from .._blocks.capacity import CapacityArgs, check_capacity
from .._blocks.function import FunctionsArgs
from .._blocks.table import Index, Table
from .._blocks.validate import Problems
from ..serverless_api.component import ServerlessApi, ServerlessApiArgs
from ..serverless_api.functions import ApiFunctionArgs
from ..serverless_api.release import ReleaseArgs
from .dax import Dax, DaxArgs, check_dax

_READS = ("listTodos", "getTodo")
_OPERATIONS = {
    **dict.fromkeys(_READS, "todos_read"),
    **dict.fromkeys(("createTodo", "updateTodo", "deleteTodo"), "todos_write"),
    **dict.fromkeys(("listFiles", "uploadFile", "downloadFile", "deleteFile"), "files"),
    "getHealth": "health",
}
_LIBRARIES = ("api", "aws_clients", "environment")


class TodoListArgs(TypedDict):
    openapi: str
    """The API's OpenAPI document: the text of apis/todo.yaml."""
    site_url: str
    """Address of the web client, without a path: users come back to it from signing in."""
    cached: NotRequired[bool]
    """Whether the gateway keeps answers, for each user apart; billed by the hour. Default: true."""
    url_seconds: NotRequired[int]
    """How long a presigned URL holds, 10 to 3600 seconds. Default: 300."""
    max_file_bytes: NotRequired[int]
    """Largest file, 1 to 5368709120 bytes. Default: 10485760 (10 MiB)."""
    capacity: NotRequired[CapacityArgs]
    """Provisions the table of to-dos and its index, scaled by AWS. Default: on demand."""
    dax: NotRequired[DaxArgs]
    """Puts DAX in front of the table for reads, which may then be as old as its TTLs; billed by the
    hour. Default: none."""
    release: NotRequired[ReleaseArgs]
    """See `ServerlessApiArgs`. Default: new code gets all requests at once."""
    sunset: NotRequired[str]
    """See `ServerlessApiArgs`. Default: none."""
    functions: NotRequired[FunctionsArgs]
    """How all functions run. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether to-dos, users and files refuse to be deleted. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class TodoList(pulumi.ComponentResource):
    """A `ServerlessApi` over a table of to-dos and a folder of files for each user.

    Default settings: those of `ServerlessApi`; the function that reads to-dos cannot write; the
    index of open to-dos holds nothing else.
    """

    url: pulumi.Output[str]
    """Base URL of the API."""
    todos_table_name: pulumi.Output[str]
    """Name of the table of to-dos."""
    user_pool_id: pulumi.Output[str]
    """ID of the user pool."""
    user_pool_client_id: pulumi.Output[str]
    """ID of the pool's public client."""
    login_url: pulumi.Output[str]
    """Base URL of managed login."""
    identity_pool_id: pulumi.Output[str]
    """ID of the identity pool."""
    files_bucket_name: pulumi.Output[str]
    """Bucket of the users' folders."""
    release_application: pulumi.Output[str]
    """CodeDeploy application, for `tools.release`; empty without `release`."""

    def __init__(
        self, name: str, args: TodoListArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:TodoList", name, {}, opts)
        self._name, self._args = name, args
        _check(name, args)
        self._table = Table(
            f"{name}-todos",
            parent=self,
            keys={"userId": "S", "todoId": "S"},
            index=Index("open-by-due", {"openUserId": "S", "dueAt": "S"}, "ALL"),
            capacity=args.get("capacity"),
            retain=args.get("retain_data", True),
        )
        self._dax = self._create_dax()
        api = ServerlessApi(f"{name}-api", self._api(), pulumi.ResourceOptions(parent=self))
        outputs = {
            "url": api.url,
            "todos_table_name": self._table.table_name,
            "user_pool_id": api.user_pool_id,
            "user_pool_client_id": api.user_pool_client_id,
            "login_url": api.login_url,
            "identity_pool_id": api.identity_pool_id,
            "files_bucket_name": api.files_bucket_name,
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
        )

    def _api(self) -> ServerlessApiArgs:
        site = self._args["site_url"]
        args: ServerlessApiArgs = {
            "openapi": self._args["openapi"],
            "operations": _OPERATIONS,
            "api_functions": self._api_functions(),
            "allowed_origins": [site],
            "users": {"callback_urls": [f"{site}/"]},
            "user_folder": {},
            "functions": self._args.get("functions", {}),
            "retain_data": self._args.get("retain_data", True),
            "alarm_topic_arn": self._args.get("alarm_topic_arn"),
        }
        if self._args.get("cached", True):
            args["cache"] = {"operations": {operation: [] for operation in _READS}}
        if "release" in self._args:
            args["release"] = self._args["release"]
        if "sunset" in self._args:
            args["sunset"] = self._args["sunset"]
        return args

    def _api_functions(self) -> dict[str, ApiFunctionArgs]:
        table = self._table
        environment = {"TODOS_TABLE": table.table_name}
        reads = [table.grant("GetItem", "Query"), table.grant_query_index()]
        writes = [table.grant("PutItem", "UpdateItem", "DeleteItem")]
        limits = {
            "URL_SECONDS": str(int(self._args.get("url_seconds", 300))),
            "MAX_FILE_BYTES": str(int(self._args.get("max_file_bytes", 10 * 1024 * 1024))),
        }
        todos_read: ApiFunctionArgs = {
            "code": "todo_list/todos_read",
            "libraries": _LIBRARIES,
            "access": [{"environment": environment, "statements": reads}],
        }
        if self._dax:
            todos_read["libraries"] = [*_LIBRARIES, "dax_client"]
            todos_read["access"] = [*todos_read["access"], self._dax.grant_read()]
            todos_read["vpc"] = self._dax.clients
        return {
            "todos_read": todos_read,
            "todos_write": {
                "code": "todo_list/todos_write",
                "libraries": _LIBRARIES,
                "access": [{"environment": environment, "statements": writes}],
            },
            "files": {
                "code": "todo_list/files",
                "libraries": [*_LIBRARIES, "user_folder"],
                "access": [{"environment": limits}],
                "user_folders": True,
            },
            "health": {"code": "serverless_api/health"},
        }


def _check(name: str, args: TodoListArgs) -> None:
    problems = Problems("TodoList", name)
    problems.unknown(args, TodoListArgs.__annotations__)
    problems.that("openapi" in args, "openapi", "is missing; give the text of the document")
    site = args.get("site_url", "")
    fine = site.startswith(("https://", "http://localhost")) and site.count("/") == 2
    problems.that(fine, "site_url", f"'{site}' is not https://host or http://localhost:port")
    problems.between(args, "url_seconds", 10, 3600, "seconds")
    problems.between(args, "max_file_bytes", 1, 5 * 1024**3, "bytes")
    check_capacity(problems, args.get("capacity"))
    check_dax(problems, args.get("dax"))
    problems.report()
