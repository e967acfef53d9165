"""The web page of a system: its address, its distribution and its configuration."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pulumi
import pulumi_aws as aws

from components import DistributionArgs, StaticSite

from .platform import Platform

CONFIG = "config.json"
"""File in which pages find the addresses of their system."""


@contextmanager
def deferred() -> Iterator[tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]]]:
    """Yield a value that is known later, and the function that sets it.

    A page needs the address of its API, and the API the address of its page. If the block fails,
    the value fails too: otherwise the program would wait for it forever.
    """
    value: pulumi.Output[str]
    set_value: Callable[[pulumi.Output[str]], None]
    value, set_value = pulumi.deferred_output()
    try:
        yield value, set_value
    except Exception as error:
        failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        failed.set_exception(error)
        set_value(pulumi.Output.from_input(failed))
        raise


def distribution(platform: Platform, title: str, site_url: str) -> DistributionArgs:
    """Return the distribution of a page.

    Args:
        platform: what all systems share.
        title: what the page is.
        site_url: `https://name` for a custom domain name. With `http://localhost:8080`, the page
            has the domain name of CloudFront, and local mode serves it there.
    """
    args: DistributionArgs = {
        "comment": f"{title} at {site_url}",
        "log_retention_days": platform.settings.log_retention_days,
    }
    if site_url.startswith("https://"):
        name = site_url.removeprefix("https://")
        args["domain"] = {"name": name, "zone_id": platform.settings.hosted_zone_id, "www": False}
    return args


def content_policy(*connect: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the `Content-Security-Policy` of a page with files of its own only.

    Args:
        connect: other origins that its scripts send requests to. None of them may depend on the
            page's distribution, which has the policy.
    """
    return pulumi.Output.concat(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src",
        *(part for each in ("'self'", *connect) for part in (" ", each)),
        "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
    )


def address(site: StaticSite) -> pulumi.Output[str]:
    """Return the URL of a page, which is known when its distribution exists.

    A custom domain name is known earlier, but not where local mode serves it.
    """
    return pulumi.Output.all(site.url, site.distribution_id).apply(lambda known: str(known[0]))


def configure(name: str, site: StaticSite, values: Mapping[str, pulumi.Input[str]]) -> None:
    """Write the values that the page reads from `config.json`. It contains no secrets."""
    aws.s3.BucketObjectv2(
        name,
        bucket=site.bucket_name,
        key=CONFIG,
        content=pulumi.Output.json_dumps({**values}, indent=2),
        content_type="application/json",
        cache_control="no-cache",
        opts=pulumi.ResourceOptions(parent=site),
    )
