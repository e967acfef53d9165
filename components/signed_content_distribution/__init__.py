"""SignedContentDistribution: paid content behind CloudFront, opened by links for those who paid."""

from .component import SignedContentDistribution, SignedContentDistributionArgs

__all__ = ["SignedContentDistribution", "SignedContentDistributionArgs"]
