"""Puts records into the source of a delivery stream again.

left = Reingestion(clients).put(Source.of(event), records)
"""

from .reingestion import Reingestion
from .source import Put, Source

__all__ = ["Put", "Reingestion", "Source"]
