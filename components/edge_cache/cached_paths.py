"""The paths that the edge caches, and for how long."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Between, Matches, Problems, declare
from .._blocks.distribution import ALL_BUT_HOST, CACHING_DISABLED, WRITE, behavior

_MAX_SECONDS = 365 * 24 * 3600
_MAX_PATHS = 74
"""75 cache behaviors in a distribution, with the default one ("Quotas")."""
_PATTERN = re.compile(r"""/[A-Za-z0-9_\-.*$/~"'@:+&?]{0,254}""")
"""Characters that CloudFront accepts: "Path pattern" in its developer guide."""


class CachedPathArgs(TypedDict):
    """How the edge caches the responses of a path."""

    cache_seconds: int
    """How long the edge answers without the application, 0 to 31536000 seconds, whatever headers
    the application sends. 0: each request reaches the application."""
    compress: NotRequired[bool]
    """Whether the edge compresses text. The compressed and the plain form are cached apart, so each
    is requested from the application; leave it off for files that are compressed already. Default:
    false."""
    query_parameters: NotRequired[Sequence[str]]
    """Query parameters that the response depends on; others are not passed on: `["version"]`.
    Default: none."""


def _check(problems: Problems, path: str, args: CachedPathArgs) -> None:
    for key in ("compress", "query_parameters"):
        problems.unless(
            args["cache_seconds"] > 0 or not args[key],
            f"{path}.{key}",
            "has no effect with `cache_seconds` 0",
        )


declare(
    CachedPathArgs,
    defaults={"compress": False, "query_parameters": []},
    limits={
        "cache_seconds": Between(0, _MAX_SECONDS, "seconds"),
        "query_parameters": Matches("[A-Za-z0-9_-]{1,64}", "letters, digits, '-' and '_'"),
    },
    check=_check,
)


def check_paths(problems: Problems, paths: Mapping[str, CachedPathArgs]) -> None:
    """Check the `cached_paths` argument."""
    problems.unless(
        any(each["cache_seconds"] for each in paths.values()),
        "cached_paths",
        "caches nothing; give a path: {'/releases/*': {'cache_seconds': 31536000}}",
    )
    problems.unless(
        len(paths) <= _MAX_PATHS,
        "cached_paths",
        f"has more than {_MAX_PATHS} paths, CloudFront's quota",
    )
    for path in paths:
        valid = _PATTERN.fullmatch(path) is not None
        problems.unless(
            valid,
            f'cached_paths["{path}"]',
            "is not a path; it must begin with '/' and have only characters that CloudFront"
            " accepts, with '*' and '?' as wildcards: '/releases/*'",
        )
        problems.unless(
            path != "/*",
            f'cached_paths["{path}"]',
            "is every path, also those that depend on who asks; list what is the same for all",
        )


def create_behaviors(
    name: str,
    origin: str,
    paths: Mapping[str, CachedPathArgs],
    *,
    headers_policy_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> list[dict[str, Any]]:
    """Return the cache behaviors, the default one first: it passes all other requests through.

    Args:
        name: prefix of the cache policies' names.
        origin: ID of the origin.
        paths: the `cached_paths` argument.
        headers_policy_id: ID of the response headers policy.
        parent: the component.
    """
    policies: dict[str, pulumi.Output[str]] = {}

    def pass_through(path: str = "*") -> dict[str, Any]:
        return behavior(
            origin,
            path,
            headers_policy_id=headers_policy_id,
            methods=WRITE,
            compress=False,  # CloudFront compresses only what it may cache
            cache_policy_id=CACHING_DISABLED,
            origin_request_policy_id=ALL_BUT_HOST,
        )

    def cached(path: str, args: CachedPathArgs) -> dict[str, Any]:
        role = _role(args)
        if role not in policies:  # an account has 20 cache policies
            policies[role] = _create_policy(f"{name}-{role}", args, parent=parent)
        return behavior(
            origin,
            path,
            headers_policy_id=headers_policy_id,
            compress=args["compress"],
            cache_policy_id=policies[role],
        )

    ordered = sorted(paths.items(), key=lambda each: _precedence(each[0]))
    return [
        pass_through(),
        *(
            cached(path, args) if args["cache_seconds"] else pass_through(path)
            for path, args in ordered
        ),
    ]


def _precedence(path: str) -> tuple[bool, int, str]:
    """Sort paths so that the most specific one is first, as CloudFront takes the first that
    matches. Programs in other languages pass maps without an order."""
    wildcard = re.search(r"[*?]", path)
    return bool(wildcard), -(wildcard.start() if wildcard else len(path)), path


def _role(args: CachedPathArgs) -> str:
    """Return the last part of the policy's name. Paths with the same settings share a policy."""
    compress = ["compressed"] if args["compress"] else []
    return "-".join(
        ["cache", str(args["cache_seconds"]), *compress, *sorted(args["query_parameters"])]
    )


def _create_policy(
    name: str, args: CachedPathArgs, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create the policy. With one number for all three times, the headers of the application do not
    change them: "Manage how long content stays in the cache (expiration)"."""
    parameters = sorted(args["query_parameters"])
    return aws.cloudfront.CachePolicy(
        name,
        min_ttl=args["cache_seconds"],
        default_ttl=args["cache_seconds"],
        max_ttl=args["cache_seconds"],
        parameters_in_cache_key_and_forwarded_to_origin={
            "cookies_config": {"cookie_behavior": "none"},
            "headers_config": {"header_behavior": "none"},
            "query_strings_config": (
                {"query_string_behavior": "whitelist", "query_strings": {"items": parameters}}
                if parameters
                else {"query_string_behavior": "none"}
            ),
            "enable_accept_encoding_brotli": args["compress"],
            "enable_accept_encoding_gzip": args["compress"],
        },
        opts=pulumi.ResourceOptions(parent=parent),
    ).id
