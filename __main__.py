"""The platform: which systems a stack has, and how they are put together."""

import pulumi

from components import AlarmTopic, FunctionsArgs, OutboxPipeline
from settings import Settings

settings = Settings.load()

functions: FunctionsArgs = {
    "architecture": settings.lambda_architecture,
    "python": settings.lambda_python,
    "log_retention_days": settings.log_retention_days,
}
alarm_topic_arn = None
if settings.alarm_email:
    alarm_topic_arn = AlarmTopic("alarms", {"email": settings.alarm_email}).topic_arn

if "orders" in settings.systems:
    orders = OutboxPipeline(
        "orders",
        {
            "functions": functions,
            "archive_days": settings.orders_archive_days,
            "resend_after_minutes": settings.orders_resend_after_minutes,
            "retain_data": settings.retain_data,
            "alarm_topic_arn": alarm_topic_arn,
        },
    )
    pulumi.export(
        "orders",
        {
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
