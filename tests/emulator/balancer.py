"""A load balancer with two target groups and servers for them, for tests."""

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.emulator.cloud import until
from tests.projects import free_port


class Handler(BaseHTTPRequestHandler):
    """Answers with the port of its server; /health with the status in `server.health`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            self.server.begun.set()
            self.server.go_on.wait(30)
        if self.path == "/broken":
            self.close_connection = True
            return
        status = self.server.health if self.path == "/health" else self.server.status
        body = f"{self.server.server_port} {self.headers.get('X-Forwarded-Proto')}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    made.health, made.status = 200, 200
    made.begun, made.go_on = threading.Event(), threading.Event()
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield made
    finally:
        made.go_on.set()
        made.shutdown()
        made.server_close()


class Balancer:
    """A load balancer with two target groups."""

    def __init__(self, cloud):
        self.client, self.cloud = cloud.client("elbv2"), cloud
        made = self.client.create_load_balancer(Name="web", Subnets=["subnet-1"])
        self.arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.name = made["LoadBalancers"][0]["DNSName"]
        self.blue, self.green = self.group("blue"), self.group("green")
        action = {"Type": "forward", "TargetGroupArn": self.blue}
        made = self.client.create_listener(
            LoadBalancerArn=self.arn, Protocol="HTTP", Port=80, DefaultActions=[action]
        )
        self.listener = made["Listeners"][0]["ListenerArn"]
        self.url = made["ResponseMetadata"]["HTTPHeaders"].get("x-listener-url", "")

    def group(self, name: str) -> str:
        return self.client.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8080,
            VpcId="vpc-1",
            TargetType="ip",
            HealthCheckPath="/health",
            # Long enough for a program to start on a busy machine.
            HealthCheckIntervalSeconds=10,
            HealthCheckTimeoutSeconds=9,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=3,
            Matcher={"HttpCode": "200-204"},
        )["TargetGroups"][0]["TargetGroupArn"]

    def register(self, *servers: ThreadingHTTPServer, group: str = "") -> None:
        targets = [{"Id": "127.0.0.1", "Port": each.server_port} for each in servers]
        self.client.register_targets(TargetGroupArn=group or self.blue, Targets=targets)

    def deregister(self, *servers: ThreadingHTTPServer) -> None:
        targets = [{"Id": "127.0.0.1", "Port": each.server_port} for each in servers]
        self.client.deregister_targets(TargetGroupArn=self.blue, Targets=targets)

    def states(self, group: str = "") -> dict[int, str]:
        found = self.client.describe_target_health(TargetGroupArn=group or self.blue)
        return {
            each["Target"]["Port"]: each["TargetHealth"]["State"]
            for each in found["TargetHealthDescriptions"]
        }

    def await_states(self, *states: str, group: str = "") -> None:
        until(lambda: sorted(self.states(group).values()) == sorted(states), seconds=60)

    def get(self, path: str = "/", host: str = "") -> tuple[int, str]:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def answered(self, number: int = 40) -> Counter:
        return Counter(self.get()[1].split()[0] for _ in range(number))


def ports(servers) -> set[str]:
    return {str(each.server_port) for each in servers}
