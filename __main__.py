"""The platform: which systems a stack has, and how they are composed."""

import atexit
import gc
from pathlib import Path

import pulumi

from components import (
    AlarmTopic,
    AlarmTopicArgs,
    DistributionArgs,
    FunctionsArgs,
    IngestionPipeline,
    OutboxPipeline,
    PhotoThumbnails,
    PublicBlog,
    ServerlessApi,
    SignedContentDistribution,
    StaticSite,
    TodoList,
    TodoListArgs,
)
from components.idle_cost import IdleCost
from settings import Settings

# The SDK creates hundreds of thousands of objects that live until the end. Collecting garbage among
# them repeatedly, and once more at the exit, would take as long as the program itself.
gc.set_threshold(200_000, 20, 100)
atexit.register(gc.freeze)

settings = Settings.load()
idle_cost = IdleCost()
apis = Path(__file__).with_name("apis")
schemas = Path(__file__).with_name("schemas")

functions: FunctionsArgs = {
    "architecture": settings.lambda_architecture,
    "python": settings.lambda_python,
    "log_retention_days": settings.log_retention_days,
}
alarm_topic_arn = distribution_alarm_topic_arn = None
if settings.alarm_email:
    alarm_topic_arn = AlarmTopic("alarms", {"email": settings.alarm_email}).topic_arn
    if {"blog", "videos"} & set(settings.systems):  # CloudFront metrics are in us-east-1
        in_us_east_1: AlarmTopicArgs = {"email": settings.alarm_email, "region": "us-east-1"}
        distribution_alarm_topic_arn = AlarmTopic("edge-alarms", in_us_east_1).topic_arn

if "orders" in settings.systems:
    orders = OutboxPipeline(
        "orders",
        {
            "functions": functions,
            "archive_retention_days": settings.orders_archive_retention_days,
            "resend_after_minutes": settings.orders_resend_after_minutes,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
        },
    )
    orders_api = ServerlessApi(
        "orders-api",
        {
            "openapi": (apis / "orders.yaml").read_text(),
            "operations": {"placeOrder": "place_order", "getOrder": "orders_read"},
            "api_functions": {
                "place_order": {"function_arn": orders.place_order_function_arn},
                "orders_read": {
                    "code": "outbox_pipeline/orders_read",
                    "access": [orders.grant_read_orders()],
                },
            },
            "usage_plan": {"clients": ["shop"]},
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
        },
    )
    pulumi.export(
        "orders",
        {
            "apiUrl": orders_api.url,
            "placeOrderFunction": orders.place_order_function_name,
            "ordersTable": orders.orders_table_name,
            "outboxTable": orders.outbox_table_name,
            "shipmentsTable": orders.shipments_table_name,
            "eventBus": orders.event_bus_name,
            "eventBusArn": orders.event_bus_arn,
            "eventSource": orders.event_source,
            "archive": orders.archive_name,
            "claimsBucket": orders.claims_bucket_name,
            "failuresBucket": orders.failures_bucket_name,
            "relayFunction": orders.relay_function_name,
            "sweeperFunction": orders.sweeper_function_name,
            "shipOrderFunction": orders.ship_order_function_name,
            "shipOrderQueueUrl": orders.ship_order_queue_url,
            "shipOrderDeadLetterQueueUrl": orders.ship_order_dead_letter_queue_url,
            "ruleDeadLetterQueueUrl": orders.rule_dead_letter_queue_url,
        },
    )

if "telemetry" in settings.systems:
    telemetry = IngestionPipeline(
        "telemetry",
        {
            "schema": (schemas / "telemetry.yaml").read_text(),
            # All stacks of an account share one broker.
            "topic": f"telemetry-{pulumi.get_stack()}",
            "stream": settings.telemetry_stream,
            "report_allowed_origins": [settings.telemetry_site_url],
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
        },
    )
    pulumi.export(
        "telemetry",
        {
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
        },
    )

if "blog" in settings.systems:
    photos = PhotoThumbnails(
        "blog-photos",
        {
            "distribution": {},
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
        },
    )
    blog = PublicBlog(
        "blog",
        {
            "openapi": (apis / "blog.yaml").read_text(),
            "site_url": settings.blog_site_url,
            "title": settings.blog_title,
            "from_address": settings.blog_from_address,
            "photos": photos.grant_photo_api(),
            "replicas": {"regions": settings.blog_replica_regions},
            "cached": settings.blog_cached,
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
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
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
            "distribution_alarm_topic_arn": distribution_alarm_topic_arn,
        },
    )
    photos.grant_distribution_access(site.distribution_arn)
    pulumi.export(
        "blog",
        {
            "siteUrl": site.url,
            "apiUrl": blog.url,
            "uploadsBucket": photos.uploads_bucket_name,
            "imagesBucket": photos.images_bucket_name,
            "contentBucket": site.bucket_name,
            "distributionId": site.distribution_id,
            "table": blog.table_name,
            "configurationSet": blog.configuration_set_name,
            "sweeperFunction": blog.sweeper_function_name,
        },
    )

if "todo" in settings.systems:
    todo_args: TodoListArgs = {
        "openapi": (apis / "todo.yaml").read_text(),
        "site_url": settings.todo_site_url,
        "cached": settings.todo_cached,
        "functions": functions,
        "retain_data": settings.retain_data,
        "alarm_topic_arn": alarm_topic_arn,
    }
    if settings.todo_dax:
        todo_args["dax"] = {}
    todo = TodoList("todo", todo_args)
    pulumi.export(
        "todo",
        {
            "apiUrl": todo.url,
            "siteUrl": settings.todo_site_url,
            "loginUrl": todo.login_url,
            "userPoolId": todo.user_pool_id,
            "userPoolClientId": todo.user_pool_client_id,
            "identityPoolId": todo.identity_pool_id,
            "filesBucket": todo.files_bucket_name,
            "todosTable": todo.todos_table_name,
        },
    )

if "videos" in settings.systems:
    videos = SignedContentDistribution(
        "videos",
        {
            "openapi": (apis / "videos.yaml").read_text(),
            "app_url": settings.videos_app_url,
            "signing": {
                "key_a": {"generation": settings.videos_signing_key_a},
                "key_b": {"generation": settings.videos_signing_key_b},
                "slot": settings.videos_signing_slot,
            },
            "min_seconds": settings.videos_min_seconds,
            "max_seconds": settings.videos_max_seconds,
            "distribution": {"log_retention_days": settings.log_retention_days},
            "functions": functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
            "distribution_alarm_topic_arn": distribution_alarm_topic_arn,
        },
    )
    pulumi.export(
        "videos",
        {
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
        },
    )

pulumi.export("idleCost", idle_cost.output())
