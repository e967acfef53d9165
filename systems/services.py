"""Services of a shop that call each other: in containers, of functions, and on instances."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components import (
    AccessArgs,
    AutoscaledService,
    ContainerService,
    Database,
    FunctionVpcArgs,
    Network,
    Queue,
    ServerlessApi,
    ServiceCache,
    Topic,
)

from .platform import Platform, read

ZONE = "services.internal"
"""Private zone in which the services behind the load balancer have names."""


def create(platform: Platform) -> dict[str, Any]:
    """Create the system. Return its outputs."""
    network = _network(platform)
    products = _table("services-products", "productId", platform)
    changes, sales = (
        Topic(f"services-{name}", {"alarm_topic_arn": platform.alarm_topic_arn})
        for name in ("changes", "sales")
    )

    catalogue = _catalogue(platform, network, products, changes)
    cache = _cache(platform, network)
    prices = _prices(platform, network, cache, catalogue)
    price_changes = _price_changes(platform, network, cache, changes)
    database = _database(platform, network)
    ledger = _ledger(platform, network, database, prices, sales)
    counted = _sales(platform, products, sales)
    return {
        "catalogueUrl": catalogue.url,
        "catalogueService": catalogue.service_name,
        "catalogueCluster": catalogue.cluster_arn,
        "pricesUrl": prices.url,
        "ledgerUrl": ledger.url,
        "ledgerGroup": ledger.group_name,
        "productsTable": products.name,
        "database": database.database_arn,
        "cache": cache.cache_name,
        "clientSecurityGroup": network.client_security_group_id,
        "priceChangesDeadLetterQueueUrl": price_changes.dead_letter_queue_url,
        "salesDeadLetterQueueUrl": counted.dead_letter_queue_url,
    }


def _network(platform: Platform) -> Network:
    """One load balancer and one private zone for all services."""
    return Network(
        "services",
        {
            "egress": platform.settings.services_egress,
            "zone_count": 2,
            "private_zone_name": ZONE,
            "load_balancer": {"deletion_protection": platform.settings.retain_data},
            "log_retention_days": platform.settings.log_retention_days,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _catalogue(
    platform: Platform, network: Network, products: aws.dynamodb.Table, changes: Topic
) -> ContainerService:
    """Products, in containers: always on, and asked by the others."""
    actions = [f"dynamodb:{each}" for each in ("DeleteItem", "GetItem", "Scan", "UpdateItem")]
    return ContainerService(
        "catalogue",
        {
            "network": network.placement(),
            "code": "services/catalogue",
            "openapi": read("apis", "catalogue.yaml"),
            "architecture": platform.settings.lambda_architecture,
            "python": platform.settings.lambda_python,
            "load_balancer": network.load_balancer(),
            "domain": {"name": f"catalogue.{ZONE}", "zone_id": network.private_zone_id},
            "deployment": {"strategy": "canary"},
            "access": [_grant(products, "PRODUCTS_TABLE", actions), changes.grant_publish()],
            "log_retention_days": platform.settings.log_retention_days,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _cache(platform: Platform, network: Network) -> ServiceCache:
    """Products that prices were asked for lately."""
    return ServiceCache(
        "prices-cache",
        {
            "network": network.private_placement(),
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _prices(
    platform: Platform, network: Network, cache: ServiceCache, catalogue: ContainerService
) -> ServerlessApi:
    """Prices, of a function: from none to many requests in a second."""
    access = [catalogue.grant_call(), cache.grant_read_write()]
    return ServerlessApi(
        "prices",
        {
            "openapi": read("apis", "prices.yaml"),
            "operations": {"getPrice": "prices"},
            "api_functions": {
                "prices": {"code": "services/prices", "access": access, "vpc": _vpc(network)}
            },
            "account_logging": False,
            "functions": platform.functions,
            "retain_data": platform.settings.retain_data,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
        platform.after_api_account,
    )


def _price_changes(
    platform: Platform, network: Network, cache: ServiceCache, changes: Topic
) -> Queue:
    return Queue(
        "price-changes",
        {
            "subscriptions": [{"topic_arn": changes.topic_arn}],
            "consumer": {
                "code": "services/price_changes",
                "access": [cache.grant_read_write()],
                "vpc": _vpc(network),
            },
            "functions": platform.functions,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _database(platform: Platform, network: Network) -> Database:
    return Database(
        "ledger-database",
        {
            "network": network.private_placement(),
            "database_name": "ledger",
            "migrations": "handlers/services/ledger/migrations",
            "standby": platform.settings.services_standby,
            "retain_data": platform.settings.retain_data,
            "log_retention_days": platform.settings.log_retention_days,
            "functions": platform.functions,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _ledger(
    platform: Platform, network: Network, database: Database, prices: ServerlessApi, sales: Topic
) -> AutoscaledService:
    """Bookings, on instances: an application that keeps connections to a database."""
    return AutoscaledService(
        "ledger",
        {
            "network": network.placement(),
            "code": "services/ledger",
            "openapi": read("apis", "ledger.yaml"),
            "architecture": platform.settings.lambda_architecture,
            "python": platform.settings.lambda_python,
            "load_balancer": network.load_balancer(),
            "domain": {"name": f"ledger.{ZONE}", "zone_id": network.private_zone_id},
            "access": [
                database.grant_login(),
                prices.grant_call("prices", ["getPrice"]),
                sales.grant_publish(),
            ],
            "log_retention_days": platform.settings.log_retention_days,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _sales(platform: Platform, products: aws.dynamodb.Table, sales: Topic) -> Queue:
    inbox = _table("services-sales-inbox", "id", platform)
    counts = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    return Queue(
        "sales",
        {
            "subscriptions": [{"topic_arn": sales.topic_arn}],
            "consumer": {
                "code": "services/sales",
                "access": [
                    _grant(products, "PRODUCTS_TABLE", counts),
                    _grant(inbox, "INBOX_TABLE", ["dynamodb:PutItem"]),
                ],
            },
            "functions": platform.functions,
            "alarm_topic_arn": platform.alarm_topic_arn,
        },
    )


def _table(name: str, key: str, platform: Platform) -> aws.dynamodb.Table:
    retain = platform.settings.retain_data
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=key,
        attributes=[{"name": key, "type": "S"}],
        server_side_encryption={"enabled": True},
        point_in_time_recovery={"enabled": retain},
        deletion_protection_enabled=retain,
        opts=pulumi.ResourceOptions(protect=retain or None),
    )


def _grant(table: aws.dynamodb.Table, variable: str, actions: list[str]) -> AccessArgs:
    return {
        "environment": {variable: table.name},
        "statements": [{"actions": actions, "resources": [table.arn]}],
    }


def _vpc(network: Network) -> FunctionVpcArgs:
    """Return the placement of a function, whose groups come with its grants."""
    return {"subnet_ids": network.private_subnet_ids, "security_group_ids": []}
