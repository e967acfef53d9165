"""SiteOrigins: where the APIs of a site are."""


def split_url(prefix: str, url: str) -> tuple[str, str]:
    """Host of an API, and what stands in its URL before the prefix.

    CloudFront passes `/api/posts` on as it is, so that the last part of the API's own URL, which is
    the name of its stage, must be the `api` of the site.

    Raises:
        ValueError: the URL ends with something else.
    """
    host, *path = url.partition("://")[2].rstrip("/").split("/")
    if path[-1:] != [prefix]:
        raise ValueError(
            f"apis: '{url}' does not end with '/{prefix}'; give the API stage_name='{prefix}'"
        )
    return host, "".join(f"/{each}" for each in path[:-1])
