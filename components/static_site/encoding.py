"""The one form of a path in URLs: of lookups, requests to the bucket and invalidations."""

from urllib.parse import quote, unquote

_KEPT = "/!$&'(),:;="


def encoded(path: str) -> str:
    """Return a path as requests to the bucket and invalidations contain it.

    CloudFront requires invalidation paths in which exactly the characters that are not ASCII or
    that RFC 1738 calls unsafe are encoded, `~` among them. S3 reads `+` as a space, and `*` is a
    wildcard of invalidations, so they are encoded too. The CloudFront Function requests this form,
    so it is the one that is cached.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
    """
    return quote(path, safe=_KEPT).replace("~", "%7E")


def decoded(path: str) -> str:
    """Return a path of a route or a redirect as the table of paths contains it.

    CloudFront gives the function the path as the client sent it, and each client encodes other
    characters: the function decodes it before the lookup.
    """
    return unquote(path)


def location(target: str) -> str:
    """Return a target of a redirect in which only characters of URLs occur."""
    return quote(target, safe="%/:?#[]@!$&'()*+,;=~")
