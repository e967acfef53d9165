"""EdgeCache: a CloudFront distribution in front of an application that is not changed."""

from .cached_paths import CachedPathArgs
from .component import EdgeCache, EdgeCacheArgs
from .origins import PublicOriginArgs

__all__ = ["CachedPathArgs", "EdgeCache", "EdgeCacheArgs", "PublicOriginArgs"]
