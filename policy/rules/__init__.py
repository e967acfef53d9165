"""The rules of this platform: plain functions from a resource to what is wrong with it.

They import nothing of Pulumi, so that the policy pack (in an environment of its own) and
`python -m tools.graph` check the same ones.
"""

from . import access, encryption, operation, public, transport
from .rule import Resource, Rule

__all__ = ["RULES", "Resource", "Rule"]

RULES: tuple[Rule, ...] = (
    *encryption.RULES,
    *transport.RULES,
    *public.RULES,
    *access.RULES,
    *operation.RULES,
)
