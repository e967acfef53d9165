"""Addresses that AWS gives by a rule, so that programs put them together themselves.

Everything else has an output that a creator fills with a local address. A user pool's login pages
have none: their address is made of the domain's prefix and the region. A distribution's output is
its name, which programs put behind `https://`.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from local.engine.values import Value

LOGIN = re.compile(r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com")


class Addresses:
    """Which addresses of AWS are where on this machine."""

    def __init__(self, endpoint: str, file: Path | None = None) -> None:
        """`file` keeps them for the processes that come later."""
        self._endpoint = endpoint
        self._file = file
        lines = file.read_text().splitlines() if file and file.exists() else []
        self._served: dict[str, str] = dict(json.loads(line) for line in lines)

    def serve(self, address: str, here: str) -> None:
        """Tells where an address is served from now on."""
        self._served[address] = here
        if self._file:
            with self._file.open("a") as file:
                file.write(json.dumps([address, here]) + "\n")

    def here(self, value: Value) -> Value:
        """`value` with local addresses in place of AWS's, in all texts that it holds."""
        if isinstance(value, str):
            for address, here in list(self._served.items()):
                value = value.replace(address, here)
            return LOGIN.sub(self._endpoint, value)
        if isinstance(value, Mapping):
            return {key: self.here(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.here(each) for each in value]
        return value
