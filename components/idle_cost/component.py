"""IdleCost: what a stack costs while nobody uses it, told by the stack itself."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi

from .prices import AS_OF, HOURLY, MILLION, MONTHLY, UNPRICED, Item


class IdleCost:
    """Watches what a program registers and sums up list prices. It makes no resource.

        cost = IdleCost()  # before anything else
        ...
        pulumi.export("idleCost", cost.output())  # after everything else

    It sees the resources of Python components; those of a provider in another process it does not.
    """

    def __init__(self) -> None:
        self._hourly: dict[str, float] = {}
        self._monthly = 0.0
        self._million: dict[str, float] = {}
        self._unpriced: list[str] = []
        pulumi.runtime.register_stack_transformation(self._see)

    def output(self) -> dict[str, Any]:
        """What was seen so far, in US dollars.

        Returns:
            `perHour`, with its parts in `hourly`; `perMonth`, the flat fees of alarms, dashboards
            and keys; `perMillion`, by what is counted; `unpriced`, what is billed by the hour and
            not in the table; `pricesOf`, the table's date.
        """
        return {
            "perHour": round(sum(self._hourly.values()), 5),
            "hourly": self._hourly,
            "perMonth": round(self._monthly, 2),
            "perMillion": self._million,
            "unpriced": self._unpriced,
            "pricesOf": AS_OF,
        }

    def _see(
        self, seen: pulumi.ResourceTransformationArgs
    ) -> Optional[pulumi.ResourceTransformationResult]:
        kind, name, given = seen.type_, seen.name, seen.props
        self._monthly += MONTHLY.get(kind, 0)
        if kind in UNPRICED:
            self._unpriced.append(name)
        if kind in HOURLY:
            try:
                item = HOURLY[kind](given)
            except (KeyError, TypeError, ValueError):  # an Output, or a size the table lacks
                self._unpriced.append(name)
            else:
                self._hourly |= {f"{name}: {item[0]}": round(item[1], 5)} if item else {}
        if kind in MILLION:
            self._add(MILLION[kind], given)
        return None

    def _add(self, price: Any, given: Mapping[str, Any]) -> None:
        try:
            item: Optional[Item] = price(given)
        except (KeyError, TypeError, ValueError):
            return
        if item:
            self._million[item[0]] = round(item[1], 3)
