"""Telemetry: devices, a delivery stream, a queryable table and reports."""

from typing import Any

import pulumi

from components import DistributionArgs, IngestionPipeline, StaticSite

from .page import content_policy, deferred, distribution
from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    with deferred() as (distribution_arn, set_distribution_arn):
        telemetry = IngestionPipeline(
            "telemetry",
            {
                "schema": read("schemas", "telemetry.yaml"),
                # All stacks of an account share one broker.
                "topic": f"telemetry-{pulumi.get_stack()}",
                "stream": settings.telemetry_stream,
                "report_distribution_arn": distribution_arn,
                "functions": platform.functions,
                "retain_data": settings.retain_data,
                "alarm_topic_arn": platform.alarm_topic_arn,
            },
        )
        site = StaticSite(
            "telemetry-site",
            {
                "content": "site/telemetry",
                "buckets": {"reports": telemetry.reports_bucket_domain_name},
                "distribution": _distribution(platform),
                "response_headers": {"content_security_policy": content_policy()},
                "functions": platform.functions,
                "retain_data": settings.retain_data,
                "alarm_topic_arn": platform.alarm_topic_arn,
                "distribution_alarm_topic_arn": platform.distribution_alarm_topic_arn,
            },
        )
        set_distribution_arn(site.distribution_arn)
    return {
        "iotEndpoint": telemetry.iot_endpoint,
        "topic": telemetry.topic,
        "thingPolicy": telemetry.thing_policy_name,
        "stream": telemetry.stream_name,
        "deliveryStream": telemetry.delivery_stream_name,
        "transformFunction": telemetry.transform_function_name,
        "lakeBucket": telemetry.lake_bucket_name,
        "database": telemetry.database_name,
        "table": telemetry.table_name,
        "workgroup": telemetry.workgroup_name,
        "reportsBucket": telemetry.reports_bucket_name,
        "reportFunction": telemetry.report_function_name,
        "reportQueueUrl": telemetry.report_queue_url,
        "reportDeadLetterQueueUrl": telemetry.report_dead_letter_queue_url,
        "siteUrl": site.url,
        "contentBucket": site.bucket_name,
        "distributionId": site.distribution_id,
    }


def _distribution(platform: Platform) -> DistributionArgs:
    settings = platform.settings
    args = distribution(platform, "The reports of telemetry", settings.telemetry_site_url)
    if settings.telemetry_allowed_addresses:
        args["web_acl"] = {"allowed_addresses": settings.telemetry_allowed_addresses}
    return args
