"""IdleCost: what a stack costs while nobody uses it, told by the stack itself."""

from .component import IdleCost

__all__ = ["IdleCost"]
