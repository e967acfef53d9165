"""Telemetry: devices, a delivery stream, a queryable table and reports."""

from typing import Any

import pulumi

from components import IngestionPipeline

from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    telemetry = IngestionPipeline(
        "telemetry",
        {
            "schema": read("schemas", "telemetry.yaml"),
            # All stacks of an account share one broker.
            "topic": f"telemetry-{pulumi.get_stack()}",
            "stream": settings.telemetry_stream,
            "report_allowed_origins": [settings.telemetry_site_url],
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )
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
        "siteUrl": settings.telemetry_site_url,
    }
