"""Weights share the requests of a forward action between target groups."""

from tests.emulator.balancer import Balancer, ports
from tests.emulator.cloud import until


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


def test_stock_drops_the_weights(stock):
    balancer = Balancer(stock)
    groups = [{"TargetGroupArn": balancer.blue, "Weight": 3}]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    made = balancer.client.modify_listener(ListenerArn=balancer.listener, DefaultActions=[action])
    assert "ForwardConfig" not in made["Listeners"][0]["DefaultActions"][0]
