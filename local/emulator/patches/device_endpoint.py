"""Devices connect to a port that only this machine can reach.

Stock 1.5.33 listens for MQTT with TLS on all addresses, on one port for all emulators, or not at
all. DescribeEndpoint returns the port of the HTTP gateway, to which devices cannot connect.

AWS: "Device communication protocols": MQTT over TLS at the address that DescribeEndpoint gives.
Here it is a free port of 127.0.0.1, which is opened by DescribeEndpoint.

ministack has fixed this when tests/emulator/test_device_endpoint.py passes with
`unpatched=("device_endpoint",)`.
"""

import asyncio
import json
from typing import Any

from ministack.services import iot

from . import Server


def apply(server: Server) -> None:
    port = 0
    route = iot._route_request

    async def start() -> None:
        nonlocal port
        loop = asyncio.get_running_loop()
        # The port stays the same after a reset: devices know the address.
        listener = await loop.create_server(iot._MtlsAcceptor, host="127.0.0.1", port=port)
        port = listener.sockets[0].getsockname()[1]
        iot._mtls_server, iot._mtls_loop = listener, loop

    async def describe_or_route(
        method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]
    ) -> Any:
        answer = await route(method, path, headers, body, query)
        if (method, path) != ("GET", "/endpoint") or answer[0] != 200:
            return answer
        if "-ats.iot." not in json.loads(answer[2])["endpointAddress"]:
            return answer
        async with iot._mtls_lock:
            if iot._mtls_server is None:
                await start()
        return iot.json_response({"endpointAddress": f"localhost:{port}"})

    iot._mtls_start_locked = start
    iot.mtls_enabled = lambda: port != 0
    iot._route_request = describe_or_route
