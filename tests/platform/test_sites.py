"""The local server of sites: the files and clients that it serves."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError
from local.sites import CONTENT_TYPES, Sites
from tests.projects import free_port, write_project

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """\
import pulumi

pulumi.export("shop", {"siteUrl": "http://localhost:%d", "apiUrl": "http://api", "table": "t"})
"""


def get(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one site, and a secret file outside of it."""
    site = tmp_path / "site" / "shop"
    (site / "images").mkdir(parents=True)
    (site / "index.html").write_text("<h1>Shop</h1>")
    (site / "app.js").write_text("start();")
    (site / "style.css").write_text("h1 {}")
    (site / "images" / "icon.svg").write_text("<svg/>")
    (site / "README.md").write_text("notes")
    (site / "config.json").write_text('{"left": "over"}')
    (tmp_path / "site" / "secret.json").write_text("{}")
    (site / "link.json").symlink_to(tmp_path / "site" / "secret.json")
    return tmp_path / "site"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    port = free_port()
    sites = Sites(folder)
    outputs = {
        "siteUrl": f"http://localhost:{port}",
        "apiUrl": "http://127.0.0.1:1/live",
        "userPoolClientId": "abc",
        "loginUrl": "http://127.0.0.1:1",
        "todosTable": "todos-1a2b",
    }
    sites.start({"shop": outputs})
    yield port
    sites.stop()


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("/", "text/html; charset=utf-8", b"<h1>Shop</h1>"),
        ("/index.html", "text/html; charset=utf-8", b"<h1>Shop</h1>"),
        ("/?code=1&state=2", "text/html; charset=utf-8", b"<h1>Shop</h1>"),
        ("/app.js", "text/javascript; charset=utf-8", b"start();"),
        ("/style.css", "text/css; charset=utf-8", b"h1 {}"),
        ("/images/icon.svg", "image/svg+xml", b"<svg/>"),
    ],
)
def test_files_are_sent_with_their_type_and_not_cached(port, path, kind, content):
    response, body = get(port, path)
    assert (response.status, body) == (200, content)
    assert response.getheader("Content-Type") == kind
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    head, nothing = get(port, path, "HEAD")
    assert (head.status, nothing) == (200, b"")
    assert head.getheader("Content-Length") == str(len(content))


def test_config_has_the_public_outputs_and_no_others(port):
    response, body = get(port, "/config.json")
    assert response.getheader("Content-Type") == "application/json"
    assert json.loads(body) == {
        "siteUrl": f"http://localhost:{port}",
        "apiUrl": "http://127.0.0.1:1/live",
        "userPoolClientId": "abc",
        "loginUrl": "http://127.0.0.1:1",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/images",
        "/images/",
        "/missing.html",
        "/README.md",
        "/../secret.json",
        "/%2e%2e/secret.json",
        "/images/..%2f..%2fsecret.json",
        "//etc/passwd",
        "/link.json",
        "/nul%00.html",
        "/" + "x" * 5000 + ".html",
    ],
)
def test_other_files_are_not_found(port, path):
    response, body = get(port, path)
    assert response.status == 404
    assert b"secret" not in body and b"notes" not in body and b"icon" not in body


def test_pages_of_other_names_read_nothing(port):
    for path in ("/", "/config.json", "/app.js"):
        assert get(port, path, Host=f"localhost:{port}")[0].status == 200
        for host in (f"evil.example.com:{port}", "evil.example.com", f"localhost:{port + 1}", ""):
            response, body = get(port, path, Host=host)
            assert response.status == 403 and b"apiUrl" not in body


def test_only_reads_are_allowed(port):
    assert get(port, "/", "POST")[0].status == 501


def test_a_changed_file_is_served_immediately(port, folder):
    (folder / "shop" / "app.js").write_text("changed();")
    assert get(port, "/app.js")[1] == b"changed();"


@pytest.mark.parametrize(
    "outputs",
    [
        {"shop": {"siteUrl": "https://shop.example.com"}},
        {"shop": {"siteUrl": "https://localhost:PORT"}},
        {"shop": {"siteUrl": "http://localhost.example.com:PORT"}},
        {"shop": {"siteUrl": ""}},
        {"shop": {"siteUrl": None}},
        {"shop": {}},
        {"shop": "text"},
        {"other": {"siteUrl": "http://localhost:PORT"}},
    ],
)
def test_other_outputs_are_not_served(folder, outputs):
    port = free_port()
    sites = Sites(folder)
    sites.start(json.loads(json.dumps(outputs).replace("PORT", str(port))))
    assert sites.urls == {}
    with pytest.raises(ConnectionRefusedError):
        get(port, "/")


def test_only_this_machine_can_connect(port):
    others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None)}
    for address in others - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            assert probe.connect_ex((address, port)) != 0


def test_two_sites_are_served_and_stopped(folder):
    (folder / "blog").mkdir()
    (folder / "blog" / "index.html").write_text("blog")
    ports = {name: free_port() for name in ("blog", "shop")}
    sites = Sites(folder)
    sites.start({k: {"siteUrl": f"http://127.0.0.1:{port}"} for k, port in ports.items()})
    assert sites.urls == {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    assert get(ports["blog"], "/")[1] == b"blog" and get(ports["shop"], "/")[1] == b"<h1>Shop</h1>"
    sites.stop()
    for each in ports.values():
        with pytest.raises(ConnectionRefusedError):
            get(each, "/")


def test_a_port_in_use_is_one_clear_line(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalError) as raised:
            Sites(folder).start({"shop": {"siteUrl": f"http://localhost:{port}"}})
    assert raised.value.problems == [
        f"port {port} is in use; the site of shop needs it for http://localhost:{port}"
    ]


def test_every_file_of_our_own_sites_is_served():
    served = [
        each for each in (ROOT / "site").iterdir() if each.name != "blog"
    ]  # the edge serves it
    files = [each for folder in served for each in folder.rglob("*") if each.is_file()]
    assert files
    assert {each.suffix for each in files} <= {*CONTENT_TYPES, ".md"}


@pytest.fixture
def project(folder: Path) -> Path:
    return write_project(folder.parent)


def up(project: Path, *arguments: str) -> list[str]:
    return [
        *(sys.executable, "-u", "-m", "local", "--project", str(project)),
        *("up", "--port", "0", *arguments),
    ]


def test_up_serves_and_shows_the_site_until_ctrl_c(project):
    port = free_port()
    (project / "__main__.py").write_text(PROGRAM % port)
    process = subprocess.Popen(
        up(project), cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        shown = []
        for line in process.stdout:
            shown.append(line)
            if "press Ctrl-C to stop" in line:
                break
        assert f"open      http://localhost:{port}    the page of shop\n" in shown
        assert any(line.startswith("mails     http://127.0.0.1:") for line in shown)
        assert get(port, "/")[1] == b"<h1>Shop</h1>"
        assert json.loads(get(port, "/config.json")[1]) == {
            "siteUrl": f"http://localhost:{port}",
            "apiUrl": "http://api",
        }
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=15) == 0
        with pytest.raises(ConnectionRefusedError):
            get(port, "/")
    finally:
        process.kill()
        process.communicate()


def test_up_ends_with_one_line_when_the_port_of_a_site_is_in_use(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (project / "__main__.py").write_text(PROGRAM % port)
        done = subprocess.run(up(project), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: port {port} is in use; the site of shop needs it for http://localhost:{port}\n"
    )
    assert not (project / ".local" / "outputs.json").exists()
