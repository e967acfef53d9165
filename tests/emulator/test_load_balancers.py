"""Load balancers check health, drain targets, share requests by weight and publish metrics."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

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


@pytest.fixture
def servers() -> Iterator[list[ThreadingHTTPServer]]:
    with server() as first, server() as second:
        yield [first, second]


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
            HealthCheckIntervalSeconds=5,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
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


@pytest.fixture
def balancer(cloud):
    return Balancer(cloud)


def ports(servers) -> set[str]:
    return {str(each.server_port) for each in servers}


def test_both_ports_of_an_address_are_targets_and_receive_requests(balancer, servers):
    balancer.register(*servers)
    balancer.await_states("healthy", "healthy")
    assert set(balancer.answered()) == ports(servers)
    assert balancer.get()[1].endswith(" http")


def test_an_unhealthy_target_receives_no_requests_until_it_is_healthy(balancer, servers):
    first, second = servers
    balancer.register(*servers)
    balancer.await_states("healthy", "healthy")
    first.health = 500
    balancer.await_states("healthy", "unhealthy")
    assert balancer.states()[first.server_port] == "unhealthy"
    assert set(balancer.answered()) == ports([second])
    first.health = 204
    balancer.await_states("healthy", "healthy")


def test_without_a_healthy_target_all_receive_requests(balancer, servers):
    for each in servers:
        each.health = 503
    balancer.register(*servers)
    balancer.await_states("unhealthy", "unhealthy")
    assert set(balancer.answered()) == ports(servers)


def test_a_target_that_is_deregistered_finishes_its_requests(balancer, servers):
    first, second = servers
    balancer.register(first)
    balancer.await_states("healthy")
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(balancer.get, "/slow")
        assert first.begun.wait(30)
        balancer.register(second)
        balancer.await_states("healthy", "healthy")
        balancer.deregister(first)
        assert balancer.states()[first.server_port] == "draining"
        assert set(balancer.answered(10)) == ports([second])
        first.go_on.set()
        assert slow.result()[0] == 200
    until(lambda: balancer.states() == {second.server_port: "healthy"})


def test_weights_share_the_requests_between_groups(balancer, servers):
    first, second = servers
    balancer.register(first)
    balancer.register(second, group=balancer.green)
    balancer.await_states("healthy")
    balancer.await_states("healthy", group=balancer.green)

    def weigh(blue: int, green: int) -> dict:
        weights = [(balancer.blue, blue), (balancer.green, green)]
        groups = [{"TargetGroupArn": arn, "Weight": each} for arn, each in weights]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        made = balancer.client.modify_listener(
            ListenerArn=balancer.listener, DefaultActions=[action]
        )
        assert made["Listeners"][0]["DefaultActions"][0]["ForwardConfig"]["TargetGroups"] == groups

    weigh(0, 100)
    assert set(balancer.answered()) == ports([second])
    weigh(50, 50)
    until(lambda: set(balancer.answered()) == ports(servers))


def test_errors_of_the_load_balancer_itself(balancer, servers):
    assert balancer.get()[0] == 503
    balancer.register(servers[0])
    balancer.await_states("healthy")
    status, page = balancer.get("/broken")
    assert (status, "502 Bad Gateway" in page) == (502, True)
    idle = [{"Key": "idle_timeout.timeout_seconds", "Value": "1"}]
    client = balancer.client
    client.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=idle)
    status, page = balancer.get("/slow")
    assert (status, "504 Gateway Time-out" in page) == (504, True)


def test_requests_and_errors_of_targets_are_metrics_that_alarms_read(balancer, servers):
    cloudwatch = balancer.cloud.client("cloudwatch")
    dimensions = [
        {"Name": "LoadBalancer", "Value": balancer.arn.partition("loadbalancer/")[2]},
        {"Name": "TargetGroup", "Value": balancer.blue.rpartition(":")[2]},
    ]
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=dimensions,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )

    def total(metric: str, statistic: str) -> float:
        now = time.time()
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=metric,
            Dimensions=dimensions,
            StartTime=now - 600,
            EndTime=now + 60,
            Period=3600,
            Statistics=[statistic],
        )["Datapoints"]
        return max((each[statistic] for each in found), default=0.0)

    balancer.register(*servers)
    balancer.await_states("healthy", "healthy")
    balancer.answered(5)
    until(lambda: total("RequestCount", "Sum") == 5)
    until(lambda: total("HealthyHostCount", "Maximum") == 2)
    for each in servers:
        each.status = 500
    balancer.answered(3)
    until(lambda: total("HTTPCode_Target_5XX_Count", "Sum") == 3)
    alarms = cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
    assert alarms[0]["StateValue"] == "ALARM"


def test_only_names_of_the_load_balancer_are_answered(balancer, servers):
    balancer.register(*servers)
    balancer.await_states("healthy", "healthy")
    assert balancer.get(host="evil.example")[0] == 403
    assert balancer.get(host=balancer.name)[0] == 200
    balancer.client.create_rule(
        ListenerArn=balancer.listener,
        Priority=1,
        Conditions=[{"Field": "host-header", "Values": ["*.services.internal"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": balancer.blue}],
    )
    assert balancer.get(host="catalogue.services.internal")[0] == 200


def test_the_port_of_a_deleted_listener_is_closed(balancer):
    assert balancer.get()[0] == 503
    balancer.client.delete_listener(ListenerArn=balancer.listener)

    def refused() -> bool:
        try:
            balancer.get()
        except OSError:
            return True
        return False

    until(refused)


def test_stock_knows_one_port_of_an_address(stock, servers):
    balancer = Balancer(stock)
    balancer.register(*servers)
    assert len(balancer.states()) == 1
