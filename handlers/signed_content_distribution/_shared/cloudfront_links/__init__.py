"""Signed URLs and signed cookies of CloudFront, with any signer.

    links = Links("K2JCJMDEHXQW5F", KmsSigner(kms, key_arn, "ECDSA_SHA_256"))
    links.url("https://d111.cloudfront.net/film/1.mp4", Terms(expires=1767290400))

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
"""

from .links import Grant, Links, with_query
from .policies import Terms
from .signer import KmsSigner, Signer

__all__ = ["Grant", "KmsSigner", "Links", "Signer", "Terms", "with_query"]
