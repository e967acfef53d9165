"""IdleCost: the list prices of a stack that is idle, as an output of the stack."""

from .component import IdleCost

__all__ = ["IdleCost"]
