"""The name of a service, an alias of a load balancer, has an address on this machine.

Stock 1.5.33 stores records, and no resolver of this machine reads them.

Here each alias of a load balancer has its own port, at which requests have the name of the record.
ChangeResourceRecordSets returns the addresses by name in the header `x-record-urls`.

ministack has fixed this when tests/emulator/test_record_addresses.py passes with
`unpatched=("record_addresses",)`.
"""

import json
import os
from typing import Any

from ministack.services import alb, route53

from . import Server
from .listener_ports import LISTENERS

DUAL_STACK = "dualstack."
"""Before the name of a load balancer in a record that the console creates."""


def apply(server: Server) -> None:
    change = route53._change_resource_record_sets
    served: dict[str, dict[str, str]] = {}
    """The load balancers of the names that are served, by zone."""

    def change_with_addresses(zone: str, body: bytes) -> Any:
        status, headers, content = change(zone, body)
        if status != 200:
            return status, headers, content
        before, aliases = served.get(zone, {}), _aliases(zone)
        served[zone] = aliases
        for name in before.keys() - aliases.keys():
            LISTENERS.close(name)
        urls = {
            name: LISTENERS.open_name(name, balancer, int(os.environ["GATEWAY_PORT"]))
            for name, balancer in aliases.items()
            if before.get(name) != balancer
        }
        return status, {**headers, "x-record-urls": json.dumps(urls)}, content

    reset = route53.reset

    def reset_served() -> None:
        served.clear()
        reset()

    route53._change_resource_record_sets = change_with_addresses
    route53.reset = reset_served


def _aliases(zone: str) -> dict[str, str]:
    """Return the ARNs of load balancers by the names of their records in a zone."""
    balancers = {each["DNSName"].lower(): arn for arn, each in alb._lbs.items()}
    found = {}
    for record in route53._records[zone]:
        target = record.get("AliasTarget", {}).get("DNSName", "").rstrip(".").lower()
        arn = balancers.get(target.removeprefix(DUAL_STACK))
        if arn and record["Type"] in ("A", "AAAA"):
            found[record["Name"].rstrip(".")] = arn
    return found
