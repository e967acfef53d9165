"""Puts records back to where a delivery stream takes them from, all or named one by one.

left = PutBack(clients).put(Source.of(event), records)
"""

from .put_back import PutBack
from .source import Put, Source

__all__ = ["Put", "PutBack", "Source"]
