"""The blog: a global site with a public API, welcome emails and photos."""

from typing import Any

import pulumi

from components import DistributionArgs, PhotoThumbnails, PublicBlog, PublicBlogArgs, StaticSite

from .page import address, deferred, distribution
from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    photos = PhotoThumbnails(
        "blog-photos",
        {
            "distribution": {},
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )
    # The site serves the API below /api, and mails contain the address of the site.
    with deferred() as (site_url, set_site_url):
        blog_args: PublicBlogArgs = {
            "openapi": read("apis", "blog.yaml"),
            "site_url": site_url,
            "api_url": pulumi.Output.concat(site_url, "/api"),
            "allowed_origins": [],
            "title": settings.blog_title,
            "from_address": settings.blog_from_address,
            "photos": photos.grant_photo_api(),
            "replicas": {"regions": settings.blog_replica_regions},
            "cached": settings.blog_cached,
            "account_logging": False,
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        }
        if settings.blog_web_acl != "off":
            # An address of CloudFront sends for many visitors, so each may send as much as the API
            # accepts in all: 100 requests per second.
            blog_args["web_acl"] = {
                "count_only": settings.blog_web_acl == "count",
                "requests_per_five_minutes": 30_000,
            }
            blog_args["origin_secrets"] = settings.blog_origin_secrets
        blog = PublicBlog("blog", blog_args, platform.after_api_account)
        site = StaticSite(
            "blog-site",
            {
                "content": "site/blog",
                "assets": "assets/",
                "languages": ["en", "de"],
                "routes": {f"/{each}/posts/*": f"/{each}/post.html" for each in ("en", "de")},
                "apis": {"api": blog.url},
                "api_secrets": dict(zip(["api"], settings.blog_origin_secrets, strict=False)),
                "buckets": {"img": photos.images_bucket_domain_name},
                "distribution": _distribution(platform),
                "response_headers": {"connect_origins": [photos.uploads_url]},
                "functions": platform.functions,
                "retain_data": settings.retain_data,
                "alarm_topic_arn": platform.alarm_topic_arn,
                "distribution_alarm_topic_arn": platform.distribution_alarm_topic_arn,
            },
        )
        set_site_url(address(site))
    photos.grant_distribution_access(site.distribution_arn)
    return {
        "siteUrl": site.url,
        # Without the secret, the API answers only through the site.
        "apiUrl": _api_url(site) if settings.blog_origin_secrets else blog.url,
        "uploadsBucket": photos.uploads_bucket_name,
        "imagesBucket": photos.images_bucket_name,
        "contentBucket": site.bucket_name,
        "distributionId": site.distribution_id,
        "table": blog.table_name,
        "configurationSet": blog.configuration_set_name,
        "sweeperFunction": blog.sweeper_function_name,
        "reconcilerFunction": blog.reconciler_function_name,
    }


def _api_url(site: StaticSite) -> pulumi.Output[str]:
    return pulumi.Output.concat(address(site), "/api")


def _distribution(platform: Platform) -> DistributionArgs:
    settings = platform.settings
    args = distribution(platform, "The blog", settings.blog_site_url)
    if settings.blog_web_acl != "off":
        args["web_acl"] = {"count_only": settings.blog_web_acl == "count"}
    return args
