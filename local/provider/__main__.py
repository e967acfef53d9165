"""Serves the provider: `python -m local.provider <address of the engine>`.

It prints its port as the only line on standard output. The engine ends it.
"""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc

from local.emulator.clients import Clients
from local.engine import constraints
from local.provider import NOT_EMULATED, addresses
from local.provider.server import Provider

MESSAGE_BYTES = (
    400 * 1024 * 1024
)  # the limit of Pulumi's providers; an API document exceeds gRPC's default of 4 MiB


def main() -> None:
    """Serves until the process ends."""
    # The engine interrupts its plugins and would report their traceback as an error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = grpc.server(
        ThreadPoolExecutor(4),
        options=[
            ("grpc.max_receive_message_length", MESSAGE_BYTES),
            ("grpc.max_send_message_length", MESSAGE_BYTES),
        ],
    )
    engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))

    def note(urn: str, message: str) -> None:
        text = f"{NOT_EMULATED}{message}"
        engine.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=text, urn=urn))

    endpoint, secret = os.environ["COLONNADE_ENDPOINT"], os.environ["COLONNADE_SECRET"]
    clients = Clients(endpoint, secret, constraints.check)
    provider = Provider(clients, addresses(endpoint), note)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    os.dup2(2, 1)  # the engine reads only the port there
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
