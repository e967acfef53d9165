"""Issues links to paid content: checks the right of the user, signs, and writes an audit record.

The functions `links` and `links_in_process` share this code. They differ only in the signer.
"""

from .issue import Issuing
from .operations import LinkClients, operations
from .settings import LinkSettings

__all__ = ["Issuing", "LinkClients", "LinkSettings", "operations"]
