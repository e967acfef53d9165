"""Reads use DAX and fall back to the table when DAX fails."""

import json
import os
import socket
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from api import Api
from todo_list._shared.reading import Reading
from todo_list.todos_read_dax import app
from todo_list.todos_read_dax.dax import PAUSE, CachedTable, connect

from components._blocks.bundle import Bundle
from local.emulator.process import RUNTIME

from ..api import ORIGINS, Spy
from ..aws import emulator_environment
from ..requests import request
from .todo_world import TodoWorld


class Dax:
    """A client of a cluster that fails on request."""

    def __init__(self, table):
        self.table = table
        self.calls = []
        self.failure = None

    def close(self):
        self.calls.append("close")
        raise OSError("already gone")

    def get_item(self, **arguments):
        return self._call("get_item", arguments)

    def query(self, **arguments):
        return self._call("query", arguments)

    def _call(self, name, arguments):
        self.calls.append(name)
        if self.failure:
            raise self.failure
        return getattr(self.table, name)(**arguments)


class Setting:
    """A to-do system with a DAX cluster and a clock that the test controls."""

    def __init__(self, todo: TodoWorld):
        self.todo = todo
        self.now = 0.0
        self.connections = 0
        self.connect_failure = None
        self.dax = Dax(Spy(todo.dynamodb._client))
        self.todo_id = todo.create().body["todoId"]
        self.todo.dynamodb.calls.clear()
        source = CachedTable(self._connect, todo.dynamodb, lambda: self.now)
        self.function = self._function(source)

    def _connect(self):
        self.connections += 1
        if self.connect_failure:
            raise self.connect_failure
        return self.dax

    def _function(self, source):
        return Api(Reading(self.todo.table, source).operations, ORIGINS)

    def read(self):
        answer = self.todo.read(self.todo_id, function=self.function)
        assert (answer.status, answer.body["title"]) == (200, "Buy tea")

    def list(self):
        assert len(self.todo.call("GET /todos", function=self.function).body["items"]) == 1

    @property
    def table_reads(self):
        return len(self.todo.dynamodb.calls)


@pytest.fixture
def setting(todo):
    return Setting(todo)


def test_reads_go_to_dax_over_one_connection(setting):
    setting.read()
    setting.list()
    assert setting.dax.calls == ["get_item", "query"]
    assert (setting.connections, setting.table_reads) == (1, 0)


@pytest.mark.parametrize("failure", [OSError("down"), ValueError("odd"), TimeoutError()])
def test_a_failing_cluster_is_not_used_for_a_while(setting, failure):
    setting.dax.failure = failure
    for _ in range(3):
        setting.read()
        setting.list()
    assert setting.dax.calls == ["get_item", "close"]
    assert setting.table_reads == 6

    setting.now = PAUSE
    setting.dax.failure = None
    setting.read()
    assert setting.dax.calls == ["get_item", "close", "get_item"]
    assert (setting.connections, setting.table_reads) == (2, 6)


def test_an_unreachable_cluster(setting):
    setting.connect_failure = OSError("no route")
    setting.read()
    setting.list()
    assert (setting.connections, setting.table_reads) == (1, 2)


def test_an_endpoint_without_the_package(todo, monkeypatch, caplog):
    """Without the package in the bundle the import fails, and the table is read."""
    monkeypatch.setitem(sys.modules, "amazondax", None)
    todo_id = todo.create().body["todoId"]
    clients = SimpleNamespace(dynamodb=todo.dynamodb)
    endpoint = "daxs://name.abc.dax-clusters.us-east-1.amazonaws.com"
    function = app.make(app.Settings(todo.table, endpoint), clients, ORIGINS)
    assert todo.read(todo_id, function=function).status == 200
    assert [each.error for each in caplog.records if "DAX" in each.msg] == ["ModuleNotFoundError"]


def test_the_client_uses_the_endpoint_and_short_timeouts(monkeypatch):
    made = SimpleNamespace()
    package = SimpleNamespace(AmazonDaxClient=lambda **arguments: made.__dict__.update(arguments))
    monkeypatch.setitem(sys.modules, "amazondax", package)
    connect("daxs://name", "eu-west-1")
    assert (made.endpoint_url, made.region_name) == ("daxs://name", "eu-west-1")
    assert made.config.connect_timeout <= 1 and made.config.read_timeout <= 1


def test_without_an_endpoint_the_package_is_not_imported(todo):
    before = "amazondax" in sys.modules
    clients = SimpleNamespace(dynamodb=todo.dynamodb)
    function = app.make(app.Settings(todo.table), clients, ORIGINS)
    todo.read(todo.create().body["todoId"], function=function)
    assert ("amazondax" in sys.modules) == before


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    """The unpacked bundle of a stack with DAX."""
    folder = tmp_path_factory.mktemp("task")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    bundle = Bundle("todo_list/todos_read_dax", "x86_64", python)
    with zipfile.ZipFile(bundle.build()) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


READ = """
import json, sys
from todo_list.todos_read_dax.app import handler
print(json.dumps([handler(json.loads(line), None) for line in sys.stdin]))
"""


@pytest.mark.parametrize("scheme", ["dax", "daxs"])
@pytest.mark.parametrize("fault", ["refuses", "says nothing"])
def test_the_client_of_amazon_times_out_early_enough(todo, task, listener, scheme, fault):
    """Each read completes within the timeout of the function, with its real bundle and runtime."""
    todo_id = todo.create().body["todoId"]
    port = listener.getsockname()[1]
    if fault == "refuses":
        listener.close()
    environment = {
        **emulator_environment(todo.emulator),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(task),
        "TODOS_TABLE": todo.table,
        "ALLOWED_ORIGINS": "",
        "DAX_ENDPOINT": f"{scheme}://127.0.0.1:{port}",
    }
    reads = [request("GET /todos/{todoId}", path={"todoId": todo_id}), request("GET /todos")]
    done = subprocess.run(
        [RUNTIME, "-c", READ],
        input="\n".join(map(json.dumps, reads)),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,  # ends a client that never times out
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [each["statusCode"] for each in json.loads(done.stdout)] == [200, 200]
    assert done.stderr.count("DAX failed, the table answers") == 1
