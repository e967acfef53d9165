"""List prices of AWS in US dollars, us-east-1, without free tiers, as of AS_OF.

Hourly and monthly prices are those of an idle stack, without storage and traffic. Update AS_OF
together with the prices (the "Pricing" page of each service).
"""

from collections.abc import Callable, Mapping
from typing import Any, Optional

AS_OF = "2026-11-21"

Inputs = Mapping[str, Any]
"""The inputs of a resource, by the names of pulumi-aws for Python."""
Item = tuple[str, float]
"""Description and price of what is billed."""

_CACHE_GB = {
    "0.5": 0.02,
    "1.6": 0.038,
    "6.1": 0.2,
    "13.5": 0.25,
    "28.4": 0.5,
    "58.2": 1.0,
    "118": 1.9,
    "237": 3.8,
}
_DAX_NODE = {
    "dax.t2.small": 0.04,
    "dax.t2.medium": 0.08,
    "dax.t3.small": 0.04,
    "dax.t3.medium": 0.08,
    "dax.r5.large": 0.255,
    "dax.r5.xlarge": 0.509,
}
_READ_UNIT, _WRITE_UNIT = 0.00013, 0.00065
_GB_SECOND = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
_INVOCATION_SECONDS = 0.1


def _cache(inputs: Inputs) -> Optional[Item]:
    if not inputs.get("cache_cluster_enabled"):
        return None
    size = str(inputs["cache_cluster_size"])
    return f"API cache of {size} GB", _CACHE_GB[size]


def _dax(inputs: Inputs) -> Item:
    nodes, kind = int(inputs["replication_factor"]), inputs["node_type"]
    return f"DAX, {nodes} nodes {kind}", nodes * _DAX_NODE[kind]


def _units(inputs: Inputs) -> Optional[Item]:
    reads, writes = (int(inputs.get(f"{kind}_capacity") or 0) for kind in ("read", "write"))
    if inputs.get("billing_mode") == "PAY_PER_REQUEST" or not reads + writes:
        return None
    return f"{reads} read and {writes} write units", reads * _READ_UNIT + writes * _WRITE_UNIT


def _stream(inputs: Inputs) -> Item:
    shards = inputs.get("shard_count")
    return (f"{shards} shards", int(shards) * 0.015) if shards else ("on-demand stream", 0.04)


def _endpoint(inputs: Inputs) -> Optional[Item]:
    if inputs.get("vpc_endpoint_type") != "Interface":
        return None
    zones = len(inputs["subnet_ids"])
    return f"interface endpoint in {zones} zones", zones * 0.01


HOURLY: Mapping[str, Callable[[Inputs], Optional[Item]]] = {
    "aws:apigateway/stage:Stage": _cache,
    "aws:dax/cluster:Cluster": _dax,
    "aws:dynamodb/table:Table": _units,
    "aws:ec2/natGateway:NatGateway": lambda _: ("NAT gateway", 0.045),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:kinesis/stream:Stream": _stream,
    "aws:lb/loadBalancer:LoadBalancer": lambda _: ("load balancer", 0.0225),
}
"""Resource types that are billed by the hour; None for a resource whose settings are free."""

UNPRICED = (
    "aws:ec2/instance:Instance",
    "aws:autoscaling/group:Group",
    "aws:ecs/service:Service",
    "aws:elasticache/cluster:Cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/serverlessCache:ServerlessCache",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:redshift/cluster:Cluster",
)
"""Resource types that are billed by the hour and have no price here."""

MONTHLY: Mapping[str, float] = {
    "aws:cloudwatch/dashboard:Dashboard": 3.0,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 0.1,
    "aws:kms/key:Key": 1.0,
    "aws:redshiftserverless/namespace:Namespace": 0.4,  # its admin secret, which AWS creates
    "aws:route53/zone:Zone": 0.5,
    "aws:secretsmanager/secret:Secret": 0.4,
    "aws:wafv2/webAcl:WebAcl": 5.0,
}


def _function(inputs: Inputs) -> Item:
    memory = int(inputs.get("memory_size") or 128)
    cpu = (inputs.get("architectures") or ["x86_64"])[0]
    seconds = 1_000_000 * _INVOCATION_SECONDS * memory / 1024
    return f"Lambda calls of 100 ms at {memory} MiB", 0.2 + seconds * _GB_SECOND[cpu]


def _table(inputs: Inputs) -> Optional[Item]:
    on_demand = inputs.get("billing_mode") == "PAY_PER_REQUEST"
    return ("DynamoDB writes of 1 KB (reads: a fifth)", 0.625) if on_demand else None


MILLION: Mapping[str, Callable[[Inputs], Optional[Item]]] = {
    "aws:apigateway/restApi:RestApi": lambda _: ("REST API requests", 3.5),
    "aws:cloudfront/distribution:Distribution": lambda _: ("CloudFront HTTPS requests", 1.0),
    "aws:cloudwatch/eventBus:EventBus": lambda _: ("EventBridge events", 1.0),
    "aws:dynamodb/table:Table": _table,
    "aws:lambda/function:Function": _function,
    "aws:s3/bucket:Bucket": lambda _: ("S3 uploads", 5.0),
    "aws:sns/topic:Topic": lambda _: ("SNS messages", 0.5),
    "aws:sqs/queue:Queue": lambda _: ("SQS requests", 0.4),
}
"""Price of a million requests, invocations or events."""
