"""A Pulumi provider with the name `aws` that creates resources in the emulator.

Pulumi's engine starts `pulumi-resource-aws` from PATH, which is `python -m local.provider`. It
replaces the AWS provider, so that Pulumi's CLI, engine and state work on the creators of local
mode. COLONNADE_ENDPOINT is the address of the running emulator, and COLONNADE_SECRET the secret
access key of its administrator. COLONNADE_ADDRESSES is the file that maps addresses of AWS to local
ones.
"""

import os
from pathlib import Path

from local.engine.addresses import Addresses

NOT_EMULATED = "not emulated: "
"""The prefix of the provider's messages about resources that are not emulated."""


def addresses(endpoint: str) -> Addresses:
    """Return the addresses of this stack, which are kept across processes."""
    return Addresses(endpoint, Path(os.environ["COLONNADE_ADDRESSES"]))
