"""Orders of a shop: the transactional outbox behind an API with keys."""

from typing import Any

from components import OutboxPipeline, ServerlessApi

from .platform import Platform, read


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    settings = platform.settings
    orders = OutboxPipeline(
        "orders",
        {
            "functions": platform.functions,
            "archive_retention_days": settings.orders_archive_retention_days,
            "resend_after_minutes": settings.orders_resend_after_minutes,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )
    orders_api = ServerlessApi(
        "orders-api",
        {
            "openapi": read("apis", "orders.yaml"),
            "operations": {"placeOrder": "place_order", "getOrder": "orders_read"},
            "api_functions": {
                "place_order": {"function_arn": orders.place_order_function_arn},
                "orders_read": {
                    "code": "outbox_pipeline/orders_read",
                    "access": [orders.grant_read_orders()],
                },
            },
            "usage_plan": {"clients": ["shop"]},
            "account_logging": False,
            "functions": platform.functions,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
        platform.after_api_account,
    )
    return {
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
    }
