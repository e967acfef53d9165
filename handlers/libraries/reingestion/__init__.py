"""Puts records back to where a delivery stream takes them from, all or named one by one.

left = Reingestion(clients).put(Source.of(event), records)
"""

from .reingestion import Reingestion
from .source import Put, Source

__all__ = ["Put", "Reingestion", "Source"]
