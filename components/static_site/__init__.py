"""StaticSite: a CloudFront distribution of the pages in a folder, of APIs and of other buckets."""

from .component import StaticSite, StaticSiteArgs

__all__ = ["StaticSite", "StaticSiteArgs"]
