"""IdleCost: the list prices of a stack that is idle, as an output of the stack."""

from collections.abc import Callable, Mapping
from typing import Any, Optional

import pulumi

from .prices import AS_OF, HOURLY, MILLION, MONTHLY, SIZED, SIZES, UNPRICED, Item


class IdleCost:
    """Adds up the list prices of the resources that a program registers. Creates no resource.

        cost = IdleCost()  # before any other resource
        ...
        pulumi.export("idleCost", cost.output())  # after all other resources

    It counts the resources of Python components, but not those of component providers, which run in
    another process.
    """

    def __init__(self) -> None:
        self._hourly: dict[str, float] = {}
        self._monthly = 0.0
        self._million: dict[str, float] = {}
        self._unpriced: list[str] = []
        self._sizes: dict[int, Mapping[str, Any]] = {}
        """The task definition or launch template of each component, by whose size its ECS service
        or Auto Scaling group is billed."""
        pulumi.runtime.register_stack_transformation(self._count)

    def output(self) -> dict[str, Any]:
        """Return the prices of the resources registered so far, in US dollars.

        Returns:
            `perHour`, with its parts in `hourly`; `perMonth`, the flat fees of alarms, dashboards,
            keys and the like; `perMillion`, the prices of a million requests by kind of request;
            `unpriced`, resources that are billed by the hour and not in the table of prices;
            `pricesOf`, the date of that table.
        """
        return {
            "perHour": round(sum(self._hourly.values()), 5),
            "hourly": self._hourly,
            "perMonth": round(self._monthly, 2),
            "perMillion": self._million,
            "unpriced": self._unpriced,
            "pricesOf": AS_OF,
        }

    def _count(
        self, resource: pulumi.ResourceTransformationArgs
    ) -> Optional[pulumi.ResourceTransformationResult]:
        kind, name, inputs = resource.type_, resource.name, resource.props
        owner = id(resource.opts.parent)
        if kind in SIZES:
            self._sizes[owner] = inputs
        elif kind in SIZED:
            inputs = {**self._sizes.get(owner, {}), **inputs}
        if kind in MONTHLY:
            self._monthly += MONTHLY[kind](inputs)
        if kind in UNPRICED:
            self._unpriced.append(name)
        if kind in HOURLY:
            try:
                item = HOURLY[kind](inputs)
            except (KeyError, TypeError, ValueError):  # an Output, or a size without a price
                self._unpriced.append(name)
            else:
                self._hourly |= {f"{name}: {item[0]}": round(item[1], 5)} if item else {}
        if kind in MILLION:
            self._add(MILLION[kind], inputs)
        return None

    def _add(
        self, price: Callable[[Mapping[str, Any]], list[Item]], inputs: Mapping[str, Any]
    ) -> None:
        try:
            items = price(inputs)
        except (KeyError, TypeError, ValueError):  # an Output, or a size without a price
            return
        self._million |= {name: round(amount, 3) for name, amount in items}
