"""Load balancers check the health of targets, drain them, and publish metrics."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.emulator.balancer import Balancer, ports
from tests.emulator.cloud import until


def test_both_ports_of_an_address_are_targets_and_receive_requests(balancer, servers):
    balancer.register(*servers)
    balancer.await_states("healthy", "healthy")
    assert set(balancer.answered()) == ports(servers)
    assert balancer.get()[1].endswith(" http")
    one = [{"Id": "127.0.0.1", "Port": servers[0].server_port}]
    found = balancer.client.describe_target_health(TargetGroupArn=balancer.blue, Targets=one)
    assert [each["Target"] for each in found["TargetHealthDescriptions"]] == one


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


def test_stock_knows_one_port_of_an_address(stock, servers):
    balancer = Balancer(stock)
    balancer.register(*servers)
    assert len(balancer.states()) == 1
