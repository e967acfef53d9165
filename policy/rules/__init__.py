"""The policy rules: plain functions that take a resource and yield what is wrong with it.

They do not import Pulumi, so that the policy pack, which has its own virtual environment, and
`python -m tools.graph` check the same rules.
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
