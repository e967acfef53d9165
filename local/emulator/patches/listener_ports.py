"""Each listener has an address that every program on this machine can reach.

Stock 1.5.33 finds a load balancer by the Host header of a request to the emulator, with a name that
no resolver knows.

Here each listener has its own port, which CreateListener returns in the header `x-listener-url`.

ministack has fixed this when tests/emulator/test_listener_ports.py passes with
`unpatched=("listener_ports",)`.
"""

import os
from typing import Any

from ministack.services import alb

from ..services.listeners import Listeners
from . import Server

LISTENERS = Listeners()
"""The ports of all listeners."""


def apply(server: Server) -> None:
    create, delete = alb._ACTION_MAP["CreateListener"], alb._ACTION_MAP["DeleteListener"]
    delete_balancer = alb._ACTION_MAP["DeleteLoadBalancer"]

    def create_listener(params: Any) -> Any:
        before = set(alb._listeners)
        status, headers, body = create(params)
        for arn in set(alb._listeners) - before:
            url = LISTENERS.open(arn, alb._listeners[arn], int(os.environ["GATEWAY_PORT"]))
            headers = {**headers, "x-listener-url": url}
        return status, headers, body

    def delete_listener(params: Any) -> Any:
        LISTENERS.close(alb._p(params, "ListenerArn"))
        return delete(params)

    def delete_load_balancer(params: Any) -> Any:
        for arn, listener in list(alb._listeners.items()):
            if listener["LoadBalancerArn"] == alb._p(params, "LoadBalancerArn"):
                LISTENERS.close(arn)
        return delete_balancer(params)

    alb._ACTION_MAP.update(
        CreateListener=create_listener,
        DeleteListener=delete_listener,
        DeleteLoadBalancer=delete_load_balancer,
    )
    reset = alb.reset

    def reset_with_ports() -> None:
        LISTENERS.clear()
        reset()

    alb.reset = reset_with_ports
