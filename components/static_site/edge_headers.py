"""EdgeHeaders: what every answer of a site tells the browser for the visitor's safety."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.validate import Problems

_FRAMES = ("DENY", "SAMEORIGIN")
_REFERRERS = (
    *("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"),
    *("origin", "origin-when-cross-origin", "no-referrer-when-downgrade"),
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class ResponseHeadersArgs(TypedDict):
    content_security_policy: NotRequired[pulumi.Input[str]]
    """What pages may load. Default: their own site, and `connect_to`."""
    connect_to: NotRequired[Sequence[pulumi.Input[str]]]
    """Further origins that scripts of the default policy may send to. Default: none."""
    frames: NotRequired[str]
    """Who may show pages in a frame: `DENY` or `SAMEORIGIN`. Default: `DENY`."""
    referrer: NotRequired[str]
    """What other sites learn of where a visitor came from. Default:
    `strict-origin-when-cross-origin`."""
    permissions: NotRequired[str]
    """`Permissions-Policy` of the pages. Default: no camera, microphone, location, payment, USB."""
    hsts_seconds: NotRequired[int]
    """How long browsers remember to use HTTPS only, 0 to 63072000 seconds. Default: 63072000."""
    hsts_preload: NotRequired[bool]
    """Whether the name may be put on browsers' preload list, for good. Default: false."""


def create_edge_headers(
    name: str, args: ResponseHeadersArgs, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create the response headers policy; its ID.

    Args:
        name: prefix of the policy's name.
        args: see `ResponseHeadersArgs`.
        parent: the component it belongs to.
    """
    permissions = args.get("permissions", _PERMISSIONS)
    policy = aws.cloudfront.ResponseHeadersPolicy(
        f"{name}-headers",
        security_headers_config={
            "content_security_policy": {
                "content_security_policy": _content_policy(args),
                "override": True,
            },
            "content_type_options": {"override": True},
            "frame_options": {"frame_option": args.get("frames", "DENY"), "override": True},
            "referrer_policy": {
                "referrer_policy": args.get("referrer", "strict-origin-when-cross-origin"),
                "override": True,
            },
            "strict_transport_security": {
                "access_control_max_age_sec": int(args.get("hsts_seconds", 63_072_000)),
                "include_subdomains": True,
                "preload": args.get("hsts_preload", False),
                "override": True,
            },
        },
        custom_headers_config={
            "items": [{"header": "Permissions-Policy", "value": permissions, "override": True}]
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.id


def _content_policy(args: ResponseHeadersArgs) -> pulumi.Input[str]:
    if "content_security_policy" in args:
        return args["content_security_policy"]
    frames = "'none'" if args.get("frames", "DENY") == "DENY" else "'self'"
    connect = [part for each in args.get("connect_to", ()) for part in (" ", each)]
    return pulumi.Output.concat(
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; ",
        f"form-action 'self'; frame-ancestors {frames}; connect-src 'self'",
        *connect,
    )


def check_edge_headers(problems: Problems, args: Optional[ResponseHeadersArgs]) -> None:
    """Check the `headers` argument of a component."""
    if args is None:
        return
    problems.unknown(args, ResponseHeadersArgs.__annotations__)
    problems.one_of(args, "frames", _FRAMES)
    problems.one_of(args, "referrer", _REFERRERS)
    problems.between(args, "hsts_seconds", 0, 63_072_000, "seconds")
    both = "content_security_policy" in args and "connect_to" in args
    problems.that(not both, "headers.connect_to", "is a part of the default policy alone")
