"""A distribution has an address that every program on this machine can reach.

Stock 1.5.33 answers only at `<label>.cloudfront.localhost`, a name that few resolvers know, and by
the emulator's routes: `/login` of a distribution would be a page of Cognito.

Here each distribution has its own port. CreateDistribution returns the address in the header
`x-viewer-url`.

ministack has fixed this when tests/emulator/test_edge_addresses.py passes with
`unpatched=("edge_addresses",)`.
"""

import os
from typing import Any

from ministack.services import cloudfront

from ..edge.ports import Ports
from . import Server


def apply(server: Server) -> None:
    ports = Ports()
    create, reset = cloudfront._create_distribution, cloudfront.reset

    def create_with_address(headers: Any, body: bytes) -> Any:
        before = set(cloudfront._distributions)
        status, answered, content = create(headers, body)
        for made in set(cloudfront._distributions) - before:
            ports.open(cloudfront._distributions[made], above=int(os.environ["GATEWAY_PORT"]))
            answered["x-viewer-url"] = ports.url(made)
        return status, answered, content

    def reset_with_addresses() -> None:
        ports.close()
        reset()

    cloudfront._create_distribution = create_with_address
    cloudfront.reset = reset_with_addresses
