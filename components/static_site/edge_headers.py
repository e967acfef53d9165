"""The response headers policy of a site, which sets security headers.

Pages of an API keep the `Content-Security-Policy` and the `Referrer-Policy` that they bring: both
suit one page. The other headers are the site's, whatever the origin sends.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Between, OneOf, Problems, declare

_REFERRERS = (
    *("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"),
    *("origin", "origin-when-cross-origin", "no-referrer-when-downgrade"),
)
_MAX_HSTS_SECONDS = 63_072_000


class ResponseHeadersArgs(TypedDict):
    """Security headers of all responses of a site."""

    content_security_policy: NotRequired[pulumi.Input[str]]
    """`Content-Security-Policy` of the pages; those of APIs and `origins` can bring their own.
    Default: the site itself and `connect_origins`."""
    connect_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Other origins that scripts may send requests to, for the default policy:
    `["https://api.example.com"]`. Default: none."""
    frame_options: NotRequired[str]
    """Who may show pages in a frame: `DENY` or `SAMEORIGIN`. Default: `DENY`."""
    referrer_policy: NotRequired[str]
    """`Referrer-Policy` of the pages; those of APIs and `origins` can bring their own. Default:
    `strict-origin-when-cross-origin`."""
    permissions_policy: NotRequired[str]
    """`Permissions-Policy` of the pages.
    Default: `camera=(), geolocation=(), microphone=(), payment=(), usb=()`."""
    hsts_seconds: NotRequired[int]
    """How long browsers use HTTPS only (HSTS), 0 to 63072000 seconds. Default: 63072000."""
    hsts_preload: NotRequired[bool]
    """Whether browsers may put the domain on their HSTS preload list, which is hard to undo.
    Default: false."""


def _check(problems: Problems, path: str, args: ResponseHeadersArgs) -> None:
    both = "content_security_policy" in args and args["connect_origins"]
    problems.unless(
        not both, f"{path}.connect_origins", "has no effect with `content_security_policy`"
    )


declare(
    ResponseHeadersArgs,
    defaults={
        "connect_origins": [],
        "frame_options": "DENY",
        "referrer_policy": "strict-origin-when-cross-origin",
        "permissions_policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "hsts_seconds": _MAX_HSTS_SECONDS,
        "hsts_preload": False,
    },
    limits={
        "frame_options": OneOf(("DENY", "SAMEORIGIN")),
        "referrer_policy": OneOf(_REFERRERS),
        "hsts_seconds": Between(0, _MAX_HSTS_SECONDS, "seconds"),
    },
    check=_check,
)


def create_edge_headers(
    name: str, args: ResponseHeadersArgs, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create the response headers policy. Return its ID.

    Args:
        name: prefix of the policy's name.
        args: see `ResponseHeadersArgs`.
        parent: the component it belongs to.
    """
    policy = aws.cloudfront.ResponseHeadersPolicy(
        f"{name}-headers",
        security_headers_config={
            "content_security_policy": {
                "content_security_policy": _content_policy(args),
                "override": False,
            },
            "content_type_options": {"override": True},
            "frame_options": {"frame_option": args["frame_options"], "override": True},
            "referrer_policy": {
                "referrer_policy": args["referrer_policy"],
                "override": False,
            },
            "strict_transport_security": {
                "access_control_max_age_sec": args["hsts_seconds"],
                "include_subdomains": True,
                "preload": args["hsts_preload"],
                "override": True,
            },
        },
        custom_headers_config={
            "items": [
                {
                    "header": "Permissions-Policy",
                    "value": args["permissions_policy"],
                    "override": True,
                }
            ]
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.id


def _content_policy(args: ResponseHeadersArgs) -> pulumi.Input[str]:
    if "content_security_policy" in args:
        return args["content_security_policy"]
    frames = "'none'" if args["frame_options"] == "DENY" else "'self'"
    connect = [part for each in args["connect_origins"] for part in (" ", each)]
    return pulumi.Output.concat(
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; ",
        f"form-action 'self'; frame-ancestors {frames}; connect-src 'self'",
        *connect,
    )
