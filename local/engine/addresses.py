"""Local addresses for AWS addresses that programs build themselves.

For most addresses there is an output, which a creator fills with a local address. The address of a
user pool's login pages has none: programs build it from the domain's prefix and the region. The
output of a distribution is its domain name, which programs put behind `https://`. An image of the
public registry is another one here, with another digest.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from local.emulator.services import public_images
from local.engine.values import Value

LOGIN = re.compile(r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com")


class Addresses:
    """Maps addresses of AWS to addresses on this machine."""

    def __init__(self, endpoint: str, file: Path | None = None) -> None:
        """`file` stores the addresses for later processes."""
        self._endpoint = endpoint
        self._file = file
        lines = file.read_text("utf-8").splitlines() if file and file.exists() else []
        self._served: dict[str, str] = dict(json.loads(line) for line in lines)

    def serve(self, address: str, here: str) -> None:
        """Sets where an address is served."""
        self._served[address] = here
        if self._file:
            with self._file.open("a") as file:
                file.write(json.dumps([address, here]) + "\n")

    def here(self, value: Value) -> Value:
        """Returns `value` with local addresses in place of those of AWS in all its texts."""
        if isinstance(value, str):
            for address, here in sorted(self._served.items(), key=_longest_first):
                value = value.replace(address, here)
            return LOGIN.sub(self._endpoint, public_images.here(value, self._endpoint))
        if isinstance(value, Mapping):
            return {key: self.here(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.here(each) for each in value]
        return value


def _longest_first(served: tuple[str, str]) -> int:
    """An address may begin with another one: one with a port, with that without."""
    return -len(served[0])
