"""Each listener has an address that every program on this machine can reach."""

from tests.emulator.balancer import Balancer
from tests.emulator.cloud import until


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


def test_stock_gives_a_listener_no_address(stock):
    assert Balancer(stock).url == ""
