"""Paid videos: signed links for the buyers of a film."""

from typing import Any

from components import SignedContentDistribution

from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    videos = SignedContentDistribution(
        "videos",
        {
            "openapi": read("apis", "videos.yaml"),
            "app_url": settings.videos_app_url,
            "signing": {
                "key_a": {"generation": settings.videos_signing_key_a},
                "key_b": {"generation": settings.videos_signing_key_b},
                "slot": settings.videos_signing_slot,
            },
            "min_seconds": settings.videos_min_seconds,
            "max_seconds": settings.videos_max_seconds,
            "distribution": {"log_retention_days": settings.log_retention_days},
            "account_logging": False,
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
            "distribution_alarm_topic_arn": platform.distribution_alarm_topic_arn,
        },
        platform.after_api_account,
    )
    return {
        "apiUrl": videos.url,
        "siteUrl": videos.content_url,
        "loginUrl": videos.login_url,
        "userPoolId": videos.user_pool_id,
        "userPoolClientId": videos.user_pool_client_id,
        "contentBucket": videos.content_bucket_name,
        "entitlementsTable": videos.entitlements_table_name,
        "auditTable": videos.audit_table_name,
        "webhookSecret": videos.webhook_secret_arn,
        "signingKeyId": videos.signing_key_id,
    }
