"""Links to paid content, for those who have a right to it: checked, signed, written down.

What the functions `links` and `links_in_process` share; they differ in who signs.
"""

from .issue import Issuing
from .operations import LinkClients, operations
from .settings import LinkSettings

__all__ = ["Issuing", "LinkClients", "LinkSettings", "operations"]
