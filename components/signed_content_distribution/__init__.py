"""SignedContentDistribution: a CloudFront distribution of paid content, opened by signed links."""

from .component import SignedContentDistribution, SignedContentDistributionArgs

__all__ = ["SignedContentDistribution", "SignedContentDistributionArgs"]
