"""StaticSite: pages of a folder at the edge of AWS's network, with APIs and buckets beside them."""

from .component import StaticSite, StaticSiteArgs

__all__ = ["StaticSite", "StaticSiteArgs"]
