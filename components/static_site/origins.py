"""The origins of a site's APIs."""

from collections.abc import Mapping

import pulumi

from .._blocks.arguments import ArgumentsError, Problems
from .._blocks.domain_name import DOMAIN_NAME


def split_url(prefix: str, url: str) -> tuple[str, str]:
    """Return the host of an API, and the part of its URL's path before the prefix.

    CloudFront passes `/api/posts` to the origin unchanged. The last segment of the API's own URL,
    which is the name of its stage, must therefore be the `api` of the site.

    Raises:
        ValueError: the URL ends with another segment.
    """
    host, *path = url.partition("://")[2].rstrip("/").split("/")
    if path[-1:] != [prefix]:
        raise ValueError(
            f"'{url}' does not end with '/{prefix}'; set stage_name='{prefix}' of the API"
        )
    return host, "".join(f"/{each}" for each in path[:-1])


def api_origin(
    name: str, prefix: str, url: pulumi.Input[str]
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Return the host and the origin path of an API.

    Args:
        name: name of the component.
        prefix: first segment of its paths.
        url: URL of the API.
    """

    def split(known_url: str) -> tuple[str, str]:
        try:
            return split_url(prefix, known_url)
        except ValueError as error:
            problem = (_path(prefix), str(error))
            raise ArgumentsError(f"StaticSite '{name}'", [problem]) from None

    parts = pulumi.Output.from_input(url).apply(split)
    return parts[0], parts[1]


def check_apis(problems: Problems, apis: Mapping[str, pulumi.Input[str]]) -> None:
    """Check the `apis` argument; an Output is checked when its value is known."""
    for prefix, url in apis.items():
        if not isinstance(url, str):
            continue
        try:
            host, _ = split_url(prefix, url)
        except ValueError as error:
            problems.add(_path(prefix), str(error))
            continue
        valid = url.startswith("https://") and DOMAIN_NAME.problem(host) is None
        form = f"a URL with HTTPS, in lowercase, without a port: 'https://api.example.com/{prefix}'"
        problems.unless(valid, _path(prefix), f"is '{url}'; it must be {form}")


def _path(prefix: str) -> str:
    return f'apis["{prefix}"]'
