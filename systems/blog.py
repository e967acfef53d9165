"""The blog: a global site with a public API, welcome emails and photos."""

from pathlib import Path
from typing import Any

import pulumi

from components import DistributionArgs, PhotoThumbnails, PublicBlog, StaticSite

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
    blog = PublicBlog(
        "blog",
        {
            "openapi": read("apis", "blog.yaml"),
            "site_url": settings.blog_site_url,
            "title": settings.blog_title,
            "from_address": settings.blog_from_address,
            "photos": photos.grant_photo_api(),
            "replicas": {"regions": settings.blog_replica_regions},
            "cached": settings.blog_cached,
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )
    distribution: DistributionArgs = {
        "comment": f"The blog at {settings.blog_site_url}",
        "log_retention_days": settings.log_retention_days,
    }
    if settings.blog_zone_id:
        name = settings.blog_site_url.removeprefix("https://")
        distribution["domain"] = {"name": name, "zone_id": settings.blog_zone_id}
    site = StaticSite(
        "blog-site",
        {
            "content": str(Path("site", "blog")),
            "assets": "assets/",
            "languages": ["en", "de"],
            "routes": {f"/{each}/posts/*": f"/{each}/post.html" for each in ("en", "de")},
            "apis": {"api": blog.url},
            "buckets": {"img": photos.images_bucket_domain_name},
            "distribution": distribution,
            "response_headers": {
                "connect_origins": [
                    pulumi.Output.concat("https://", photos.uploads_bucket_domain_name)
                ]
            },
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
            "distribution_alarm_topic_arn": platform.distribution_alarm_topic_arn,
        },
    )
    photos.grant_distribution_access(site.distribution_arn)
    return {
        "siteUrl": site.url,
        "apiUrl": blog.url,
        "uploadsBucket": photos.uploads_bucket_name,
        "imagesBucket": photos.images_bucket_name,
        "contentBucket": site.bucket_name,
        "distributionId": site.distribution_id,
        "table": blog.table_name,
        "configurationSet": blog.configuration_set_name,
        "sweeperFunction": blog.sweeper_function_name,
    }
