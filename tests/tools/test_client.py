"""The clients that `make client` writes: their types, and their requests to a server."""

import datetime
import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.projects import ROOT
from tools import client, python_client, typescript_types
from tools.stack_outputs import CommandError

pytestmark = pytest.mark.slow  # installs packages of npm, checks the types of whole clients

TODO = {
    "todoId": "7d4a7c0e-3c1b-5b0a-9d7e-2f4b8a1c6e90",
    "title": "Buy tea",
    "done": False,
    "dueAt": "2027-01-31T17:00:00.000Z",
    "version": 1,
    "createdAt": "2026-11-21T10:37:02.123Z",
    "updatedAt": "2026-11-21T10:37:02.123Z",
}
ORDER = {
    "customerId": "customer-1",
    "items": [{"sku": "TEA-01", "quantity": 2, "unitPrice": 450}],
    "currency": "EUR",
    "shippingAddress": {
        "name": "Ada",
        "street": "12 Square",
        "city": "London",
        "postalCode": "NW1 6XE",
        "country": "GB",
    },
}
PLACED = {
    "orderId": TODO["todoId"],
    "total": 900,
    "status": "ACCEPTED",
    "createdAt": TODO["createdAt"],
}
ERROR = {"error": "BadRequest", "field": "title", "message": "is missing"}

PYTHON_USE = """
from typing import Any, assert_type

from orders_client.models import Order
from todo_client import AuthenticatedClient
from todo_client.api.todos import create_todo, delete_todo
from todo_client.models import Error, NewTodo, Todo

client = AuthenticatedClient(base_url="https://api.example.com", token="t")
answer = create_todo.sync(client=client, body=NewTodo(title="Buy tea"), idempotency_key="k")
assert_type(answer, Error | Todo | None)
NewTodo(title=1)  # type: ignore[arg-type]
create_todo.sync(client=client, body=NewTodo(title="x"))  # type: ignore[call-arg]


def total(order: Order) -> int:
    return order.total
"""

TYPESCRIPT_USE = """
import type { components, paths } from "./todo/typescript/todo";
import type { operations } from "./orders/typescript/orders";

type Create = paths["/todos"]["post"];
const sent: Create["requestBody"]["content"]["application/json"] = { title: "Buy tea" };
const key: Create["parameters"]["header"]["Idempotency-Key"] = "k";
// @ts-expect-error: a title is a string
const wrong: components["schemas"]["NewTodo"] = { title: 1 };
declare const rejected: operations["placeOrder"]["responses"][409]["content"]["application/json"];
const field: string = rejected.field;
export { sent, key, wrong, field };
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clients of all our documents."""
    out = tmp_path_factory.mktemp("clients")
    assert client.main(["--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def packages(clients: Path) -> Iterator[None]:
    """The Python clients, importable."""
    paths = [str(each) for each in clients.glob("*/python")]
    sys.path[:0] = paths
    yield
    sys.path[:] = [each for each in sys.path if each not in paths]
    for name in [each for each in sys.modules if each.startswith(("todo_client", "orders_client"))]:
        del sys.modules[name]


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    """A server that responds with `answer` (status, headers, body) and records requests."""
    told = SimpleNamespace(answer=(200, {}, None), requests=[])

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.requests.append((self.command, self.path, self.headers, body))
            status, headers, content = told.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            payload = b"" if content is None else json.dumps(content).encode()
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_DELETE = _any

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}).start()
        told.url = f"http://127.0.0.1:{http.server_port}/v1"
        yield told
        http.shutdown()


def todo_call(server: SimpleNamespace, operation: str, *arguments: Any, **named: Any) -> Any:
    """Call one operation of the to-do API as a signed-in user."""
    tag = "files" if "file" in operation else "todos"
    module = importlib.import_module(f"todo_client.api.{tag}.{operation}")
    users = importlib.import_module("todo_client").AuthenticatedClient
    with users(base_url=server.url, token="a-token") as caller:
        return module.sync_detailed(*arguments, client=caller, **named)


def create_todo(server: SimpleNamespace) -> Any:
    due = datetime.datetime(2027, 1, 31, 17, tzinfo=datetime.UTC)
    body = importlib.import_module("todo_client.models").NewTodo(title="Buy tea", due_at=due)
    return todo_call(server, "create_todo", body=body, idempotency_key="key-1")


@pytest.mark.usefixtures("packages")
class TestPythonClient:
    def test_sends_a_request_and_reads_the_response(self, server: SimpleNamespace):
        server.answer = (201, {"ETag": '"1"'}, TODO)
        answer = create_todo(server)
        method, path, headers, body = server.requests[0]
        assert (method, path) == ("POST", "/v1/todos")
        assert headers["Authorization"] == "Bearer a-token"
        assert headers["Idempotency-Key"] == "key-1"
        assert headers["Content-Type"] == "application/json"
        assert json.loads(body) == {"title": "Buy tea", "dueAt": "2027-01-31T17:00:00+00:00"}
        assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
        assert answer.parsed.todo_id == TODO["todoId"]
        assert answer.parsed.due_at == datetime.datetime(2027, 1, 31, 17, tzinfo=datetime.UTC)
        assert not answer.parsed.note  # omitted, not null

    @pytest.mark.parametrize("status", [400, 409])
    def test_reads_errors(self, server: SimpleNamespace, status: int):
        server.answer = (status, {}, ERROR)
        answer = create_todo(server)
        assert answer.status_code == status
        assert type(answer.parsed).__name__ == "Error"
        assert answer.parsed.to_dict() == ERROR

    def test_reads_a_response_without_body(self, server: SimpleNamespace):
        server.answer = (304, {"ETag": '"1"'}, None)
        answer = todo_call(server, "get_todo", TODO["todoId"], if_none_match='"1"')
        assert server.requests[0][2]["If-None-Match"] == '"1"'
        assert (answer.status_code, answer.parsed) == (304, None)

    def test_encodes_names_in_paths_once(self, server: SimpleNamespace):
        server.answer = (204, {}, None)
        answer = todo_call(server, "delete_file", "my cat/é.jpg")
        assert server.requests[0][:2] == ("DELETE", "/v1/files/my%20cat%2F%C3%A9.jpg")
        assert answer.status_code == 204

    def test_sends_an_api_key(self, server: SimpleNamespace):
        server.answer = (201, {}, {**ORDER, **PLACED})
        users = importlib.import_module("orders_client").AuthenticatedClient
        place_order = importlib.import_module("orders_client.api.orders.place_order")
        body = importlib.import_module("orders_client.models").NewOrder.from_dict(ORDER)
        with users(
            base_url=server.url, token="a-key", prefix="", auth_header_name="x-api-key"
        ) as caller:
            placed = place_order.sync(client=caller, body=body, idempotency_key="key-1")
        assert server.requests[0][2]["x-api-key"] == "a-key"
        assert json.loads(server.requests[0][3]) == ORDER
        assert (placed.total, placed.status) == (900, "ACCEPTED")


def test_python_clients_have_strict_types(clients: Path):
    (clients / "use.py").write_text(PYTHON_USE)
    # Installed packages (httpx, attrs) are cached after the first run.
    cache = ROOT / ".mypy_cache" / "clients"
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", cache]
    packages = [*clients.glob("*/python/*_client")]
    assert len(packages) == len([*client.APIS.glob("*.yaml")])
    done = subprocess.run(
        [*mypy, "use.py", *packages],
        cwd=clients,
        env={"MYPYPATH": ":".join(str(each.parent) for each in packages)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_typescript_types_compile(clients: Path):
    if not typescript_types.find_npm():
        pytest.skip("npm is missing: no TypeScript types")
    (clients / "use.ts").write_text(TYPESCRIPT_USE)
    tsc = typescript_types.PROJECT / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", tsc, "--noEmit", "--strict", "use.ts"], cwd=clients, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_same_document_gives_the_same_bytes(clients: Path, tmp_path: Path):
    (tmp_path / "orders" / "python" / "of-before.py").mkdir(parents=True)
    assert client.main(["--api", "orders", "--out", str(tmp_path)]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["orders"]
    assert contents(tmp_path / "orders") == contents(clients / "orders")


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if "__pycache__" not in each.parts)
    return {str(each.relative_to(folder)): each.read_bytes() for each in files if each.is_file()}


def test_without_npm_there_is_python_and_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert client.main(["--api", "orders", "--out", str(tmp_path)]) == 0
    assert {each.name for each in (tmp_path / "orders").iterdir()} == {"python", "reference.md"}
    assert "no TypeScript types: npm is missing" in capsys.readouterr().out


def test_an_unknown_api_is_rejected_by_name(capsys: pytest.CaptureFixture[str]):
    assert client.main(["--api", "nope"]) == 1
    problem = capsys.readouterr().err
    assert "--api nope: no such API in apis/; it has blog, catalogue, ledger, orders, " in problem


def test_an_unsupported_operation_is_rejected_and_the_old_client_stays(tmp_path: Path):
    document = tmp_path / "thing.yaml"
    answer = {"description": "A thing.", "content": {"application/xml": {}}}
    paths = {"/things": {"get": {"responses": {"200": answer}}}}
    info = {"title": "Things", "version": "1.0.0"}
    document.write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": paths}))
    (tmp_path / "python").mkdir()
    with pytest.raises(
        CommandError, match=r"cannot generate the Python client of thing.yaml(?s:.*)GET /things"
    ):
        python_client.write(document, tmp_path / "python")
    assert (tmp_path / "python").is_dir()


def test_typescript_is_locked_by_hashes_without_urls():
    lock = json.loads((typescript_types.PROJECT / "package-lock.json").read_text())
    installed = {name: each for name, each in lock["packages"].items() if name}
    assert all(each["integrity"].startswith("sha512-") for each in installed.values())
    assert not any("resolved" in each for each in installed.values())
