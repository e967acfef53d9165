"""A Pulumi provider by the name `aws` that makes everything in the embedded cloud.

Pulumi's engine starts `pulumi-resource-aws` from PATH, which is `python -m local.provider`. It
stands for the AWS provider where there is no AWS: the real CLI, engine and state, with the
creators of local mode. COLONNADE_ENDPOINT holds the address of the running emulator, and
COLONNADE_ADDRESSES the file of what is served there for which address of AWS.
"""

import os
from pathlib import Path

from local.engine.addresses import Addresses

NOT_EMULATED = "not emulated: "
"""How the provider begins what it says of that to the engine."""


def addresses(endpoint: str) -> Addresses:
    """Those of this stack, which outlive the engine's and the provider's processes."""
    return Addresses(endpoint, Path(os.environ["COLONNADE_ADDRESSES"]))
