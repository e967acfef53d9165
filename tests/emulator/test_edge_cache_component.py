"""EdgeCache in front of a load balancer with a process, on the embedded cloud."""

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.emulator.gateway import call
from tests.projects import free_port, write_project

PROGRAM = """
import pulumi
import pulumi_aws as aws

from components import EdgeCache

network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24")
group = aws.ec2.SecurityGroup("updates", vpc_id=network.id)
balancer = aws.lb.LoadBalancer(
    "updates", internal=True, subnets=[subnet.id], security_groups=[group.id]
)
targets = aws.lb.TargetGroup(
    "updates",
    port=8080,
    protocol="HTTP",
    target_type="ip",
    vpc_id=network.id,
    health_check={"path": "/health", "interval": 5, "timeout": 4, "healthy_threshold": 2},
)
aws.lb.Listener(
    "updates",
    load_balancer_arn=balancer.arn,
    port=80,
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
)
edge = EdgeCache(
    "edge",
    {
        "load_balancer_arn": balancer.arn,
        "cached_paths": {
            "/releases/*": {"cache_seconds": 31536000},
            "/latest.json": {"cache_seconds": 1},
            "/notes/*": {"cache_seconds": 3600, "compress": True, "query_parameters": ["lang"]},
        },
    },
)
pulumi.export("url", edge.url)
pulumi.export("id", edge.distribution_id)
pulumi.export("balancer", balancer.arn)
pulumi.export("targets", targets.arn)
pulumi.export("group", group.id)
"""

SERVER = '''
"""A server of files that knows nothing of caches: ETags, and no Cache-Control."""
import hashlib, json, os, pathlib, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder, seen = pathlib.Path(sys.argv[2]), []

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/seen":
            return self.answer(json.dumps(seen).encode(), "application/json")
        if path == "/health":
            return self.answer(b"ok", "text/plain")
        seen.append([self.path, dict(self.headers.items())])
        while path.endswith("slow.bin") and not (folder / "go").exists():
            time.sleep(0.01)
        if path == "/account":
            return self.answer((self.headers.get("Cookie") or "").encode(), "text/plain")
        file = folder / path.rsplit("/", 1)[-1]
        if not file.exists():
            return self.answer(b"", "text/plain", 404)
        kind = "text/plain" if file.suffix == ".txt" else "application/octet-stream"
        self.answer(file.read_bytes(), kind)

    def do_POST(self):
        seen.append([self.path, dict(self.headers.items())])
        self.answer(self.rfile.read(int(self.headers["Content-Length"])), "text/plain")

    def answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"' + hashlib.sha256(body).hexdigest()[:16] + '"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    project = write_project(tmp_path_factory.mktemp("edge"))
    (project / "__main__.py").write_text(PROGRAM)
    with Cloud(program=project) as running:
        yield running


class Application:
    """The process behind the load balancer, and its files."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.folder, self.url = folder, cloud.outputs["url"]
        self._client, self._group = cloud.client("elbv2"), cloud.outputs["targets"]
        self._port = free_port()
        (folder / "server").mkdir()
        program = folder / "server" / "server.py"
        program.write_text(SERVER)
        command = [sys.executable, str(program), str(self._port), str(folder)]
        self._process = subprocess.Popen(command)
        self._targets = [{"Id": "127.0.0.1", "Port": self._port}]
        self._client.register_targets(TargetGroupArn=self._group, Targets=self._targets)
        assert until(lambda: self._state() == "healthy", seconds=60)

    def _state(self) -> str:
        found = self._client.describe_target_health(TargetGroupArn=self._group)
        states = {
            each["Target"]["Port"]: each["TargetHealth"]["State"]
            for each in found["TargetHealthDescriptions"]
        }
        return states.get(self._port, "")

    def write(self, name: str, body: bytes) -> None:
        (self.folder / name).write_bytes(body)

    def get(self, path: str, **headers: str):
        return call(f"{self.url}{path}", **headers)

    def seen(self, path: str) -> list[dict]:
        """Return the headers of the requests for a path that reached the process."""
        answer = call(f"http://127.0.0.1:{self._port}/seen")
        return [headers for sent, headers in json.loads(answer.text) if sent == path]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self.kill()
        self._client.deregister_targets(TargetGroupArn=self._group, Targets=self._targets)


@pytest.fixture
def application(cloud: Cloud, tmp_path: Path) -> Iterator[Application]:
    made = Application(cloud, tmp_path)
    try:
        yield made
    finally:
        made.end()
        cloud.client("cloudfront").create_invalidation(
            DistributionId=cloud.outputs["id"],
            InvalidationBatch={
                "CallerReference": str(tmp_path),
                "Paths": {"Quantity": 1, "Items": ["/*"]},
            },
        )


def status(answer) -> str:
    return answer.headers["x-cache"].split(" ")[0]


def test_a_release_without_headers_is_requested_once(application: Application):
    application.write("1.0.bin", bytes(range(256)) * 4000)
    answers = [application.get("/releases/1.0.bin", Cookie="user=ann") for _ in range(5)]
    assert [status(each) for each in answers] == ["Miss", "Hit", "Hit", "Hit", "Hit"]
    assert len(application.seen("/releases/1.0.bin")) == 1
    [headers] = application.seen("/releases/1.0.bin")
    assert headers["Accept-Encoding"] == "identity" and "Cookie" not in headers


def test_ranges_and_conditions_are_answered_from_the_cache(application: Application):
    body = b"0123456789" * 100
    application.write("2.0.bin", body)
    whole = application.get("/releases/2.0.bin")
    parts = [
        application.get("/releases/2.0.bin", Range=f"bytes={start}-{start + 249}")
        for start in range(0, 1000, 250)
    ]
    assert [each.status for each in parts] == [206] * 4
    assert b"".join(each.body for each in parts) == body
    assert {each.headers["etag"] for each in parts} == {whole.headers["etag"]}
    etag = whole.headers["etag"]
    assert not etag.startswith("W/")  # a weak one cannot resume a download
    assert application.get("/releases/2.0.bin", if_none_match=etag).status == 304
    assert len(application.seen("/releases/2.0.bin")) == 1


def test_simultaneous_requests_for_a_file_are_one(application: Application):
    body = b"x" * 100_000
    application.write("slow.bin", body)
    digests: Counter[str] = Counter()

    def download() -> None:
        answer = application.get("/releases/slow.bin")
        digests[hashlib.sha256(answer.body).hexdigest()] += 1

    threads = [threading.Thread(target=download) for _ in range(12)]
    for each in threads:
        each.start()
    assert until(lambda: len(application.seen("/releases/slow.bin")) == 1)
    time.sleep(0.3)  # for the others: without collapsing, they reach the process now
    application.write("go", b"")
    for each in threads:
        each.join()
    assert digests == {hashlib.sha256(body).hexdigest(): 12}
    assert len(application.seen("/releases/slow.bin")) == 1


def test_a_short_path_follows_the_application(application: Application):
    application.write("latest.json", b"1.0")
    assert application.get("/latest.json").text == "1.0"
    application.write("latest.json", b"2.0")
    assert until(lambda: application.get("/latest.json").text == "2.0")


def test_other_requests_pass_with_cookies_and_bodies(application: Application):
    for user in ("ann", "bob"):
        assert application.get("/account", Cookie=f"user={user}").text == f"user={user}"
    posted = call(f"{application.url}/account", method="POST", body="hello")
    assert (posted.status, posted.text) == (200, "hello")
    assert call(f"{application.url}/releases/1.0.bin", method="POST", body="x").status == 403


def test_text_is_compressed_only_where_the_path_says_so(application: Application):
    text = b"words " * 1000
    application.write("a.txt", text)
    notes = application.get("/notes/a.txt?lang=de&other=1", accept_encoding="gzip")
    assert notes.headers["content-encoding"] == "gzip"
    assert len(application.seen("/notes/a.txt?lang=de")) == 1
    release = application.get("/releases/a.txt", accept_encoding="gzip")
    assert "content-encoding" not in release.headers


def test_without_the_application_the_edge_has_what_it_kept(application: Application):
    application.write("3.0.bin", b"three")
    application.write("latest.json", b"3.0")
    assert application.get("/releases/3.0.bin").text == "three"
    assert application.get("/latest.json").text == "3.0"
    application.kill()

    def stale() -> bool:
        answer = application.get("/latest.json")
        assert (answer.status, answer.text) == (200, "3.0")
        return int(answer.headers.get("age", "0")) >= 2  # it has one second

    assert until(stale)
    assert application.get("/releases/3.0.bin").text == "three"
    assert application.get("/releases/4.0.bin").status in (502, 503)
    assert application.get("/account").status in (502, 503)


def test_the_load_balancer_is_not_changed(cloud: Cloud):
    client, ec2 = cloud.client("elbv2"), cloud.client("ec2")
    [found] = client.describe_load_balancers(LoadBalancerArns=[cloud.outputs["balancer"]])[
        "LoadBalancers"
    ]
    assert found["SecurityGroups"] == [cloud.outputs["group"]] and found["Scheme"] == "internal"
    listeners = client.describe_listeners(LoadBalancerArn=cloud.outputs["balancer"])["Listeners"]
    assert len(listeners) == 1
    [group] = ec2.describe_security_groups(GroupIds=[cloud.outputs["group"]])["SecurityGroups"]
    [rule] = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (80, 80)
    assert not rule["IpRanges"] and not rule["UserIdGroupPairs"]


def test_additional_metrics_are_on(cloud: Cloud):
    made = cloud.client("cloudfront").get_monitoring_subscription(
        DistributionId=cloud.outputs["id"]
    )
    config = made["MonitoringSubscription"]["RealtimeMetricsSubscriptionConfig"]
    assert config["RealtimeMetricsSubscriptionStatus"] == "Enabled"
