"""List prices of AWS in US dollars, us-east-1, without free tiers, as of AS_OF.

Hourly and monthly prices are those of an idle stack, without storage and traffic. Each price names
its pricing page below aws.amazon.com. Update AS_OF together with the prices.
"""

from collections.abc import Callable, Mapping
from typing import Any, Optional

AS_OF = "2026-11-21"

Inputs = Mapping[str, Any]
"""The inputs of a resource, by the names of pulumi-aws for Python."""
Item = tuple[str, float]
"""Description and price of what is billed."""

# /api-gateway/pricing
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
# /dynamodb/pricing
_DAX_NODE = {
    "dax.t2.small": 0.04,
    "dax.t2.medium": 0.08,
    "dax.t3.small": 0.04,
    "dax.t3.medium": 0.08,
    "dax.r5.large": 0.255,
    "dax.r5.xlarge": 0.509,
}
# /rds/postgresql/pricing
_DATABASE = {
    "db.t4g.micro": 0.016,
    "db.t4g.small": 0.032,
    "db.t4g.medium": 0.065,
    "db.t4g.large": 0.129,
    "db.m7g.large": 0.168,
    "db.m7g.xlarge": 0.337,
    "db.r7g.large": 0.239,
    "db.r7g.xlarge": 0.478,
}
# /dynamodb/pricing/provisioned
_READ_UNIT, _WRITE_UNIT = 0.00013, 0.00065
# /lambda/pricing
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


# /fargate/pricing: a vCPU and a GB, by the CPU of the task
_FARGATE = {"ARM64": (0.03238, 0.00356), "X86_64": (0.04048, 0.004445)}
_PUBLIC_ADDRESS = 0.005


def _database(inputs: Inputs) -> Item:
    kind, both = inputs["instance_class"], bool(inputs.get("multi_az"))
    return f"{kind}{', and a standby' if both else ''}", (1 + both) * _DATABASE[kind]


def _tasks(inputs: Inputs) -> Item:
    """The price of an ECS service, whose inputs include those of its task definition."""
    count, cpu, memory = (int(inputs[key]) for key in ("desired_count", "cpu", "memory"))
    per_cpu, per_gb = _FARGATE[inputs["runtime_platform"]["cpu_architecture"]]
    price = cpu / 1024 * per_cpu + memory / 1024 * per_gb
    kind = f"{count} tasks of {cpu} CPU units and {memory} MiB"
    if inputs["network_configuration"].get("assign_public_ip"):
        price, kind = price + _PUBLIC_ADDRESS, f"{kind} with a public IPv4 address"
    return kind, count * price


# /ec2/pricing/on-demand
_INSTANCE = {
    "t3.nano": 0.0052,
    "t3.micro": 0.0104,
    "t3.small": 0.0208,
    "t3.medium": 0.0416,
    "t3.large": 0.0832,
    "t4g.nano": 0.0042,
    "t4g.micro": 0.0084,
    "t4g.small": 0.0168,
    "t4g.medium": 0.0336,
    "t4g.large": 0.0672,
}


def _instances(inputs: Inputs) -> Item:
    """The price of an Auto Scaling group, whose inputs include those of its launch template."""
    count, kind = int(inputs["min_size"]), inputs["instance_type"]
    price, text = _INSTANCE[kind], f"{count} instances {kind}"
    if any(
        each.get("associate_public_ip_address") == "true" for each in inputs["network_interfaces"]
    ):
        price, text = price + _PUBLIC_ADDRESS, f"{text} with a public IPv4 address"
    return text, count * price


SIZES = ("aws:ec2/launchTemplate:LaunchTemplate", "aws:ecs/taskDefinition:TaskDefinition")
"""Resource types with the size of a component's tasks or instances."""
SIZED = ("aws:autoscaling/group:Group", "aws:ecs/service:Service")
"""Resource types that are billed by that size."""

HOURLY: Mapping[str, Callable[[Inputs], Optional[Item]]] = {
    "aws:apigateway/stage:Stage": _cache,
    "aws:autoscaling/group:Group": _instances,
    "aws:dax/cluster:Cluster": _dax,
    "aws:dynamodb/table:Table": _units,
    # /vpc/pricing
    "aws:ec2/eip:Eip": lambda _: ("public IPv4 address", _PUBLIC_ADDRESS),
    "aws:ec2/natGateway:NatGateway": lambda _: ("NAT gateway", 0.045),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ecs/service:Service": _tasks,
    # /elasticache/pricing: at least 100 MB of data are billed
    "aws:elasticache/serverlessCache:ServerlessCache": lambda _: ("empty cache", 0.1 * 0.084),
    # /kinesis/data-streams/pricing
    "aws:kinesis/stream:Stream": _stream,
    # /elasticloadbalancing/pricing
    "aws:lb/loadBalancer:LoadBalancer": lambda _: ("load balancer", 0.0225),
    "aws:rds/instance:Instance": _database,
}
"""Resource types that are billed by the hour; None for a resource whose settings are free."""

UNPRICED = (
    "aws:ec2/instance:Instance",
    "aws:elasticache/cluster:Cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:rds/cluster:Cluster",
    "aws:redshift/cluster:Cluster",
)
"""Resource types that are billed by the hour and have no price here."""


def _web_acl(inputs: Inputs) -> float:
    return 5.0 + 1.0 * len(inputs.get("rules") or ())  # a managed rule group counts as one rule


def _key(inputs: Inputs) -> float:
    # The first two rotations, one a year, add a dollar each.
    return 3.0 if inputs.get("enable_key_rotation") else 1.0


def _alarm(inputs: Inputs) -> float:
    metrics = [each for each in inputs.get("metric_queries") or () if each.get("metric")]
    return 0.1 * max(1, len(metrics))


MONTHLY: Mapping[str, Callable[[Inputs], float]] = {
    # /cloudfront/pricing: eight additional metrics at the price of CloudWatch
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": lambda _: 8 * 0.3,
    # /cloudwatch/pricing
    "aws:cloudwatch/dashboard:Dashboard": lambda _: 3.0,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": lambda _: 0.3,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    # /kms/pricing
    "aws:kms/key:Key": _key,
    # /secrets-manager/pricing
    "aws:redshiftserverless/namespace:Namespace": lambda _: 0.4,  # its admin secret
    "aws:secretsmanager/secret:Secret": lambda _: 0.4,
    # /route53/pricing
    "aws:route53/zone:Zone": lambda _: 0.5,
    # /waf/pricing
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
"""Fees by the month. A rotated key and the metric of a filter count with their highest price: a
metric is billed in the hours in which it has data."""


def _function(inputs: Inputs) -> list[Item]:
    memory = int(inputs.get("memory_size") or 128)
    cpu = (inputs.get("architectures") or ["x86_64"])[0]
    seconds = 1_000_000 * _INVOCATION_SECONDS * memory / 1024
    return [(f"Lambda calls of 100 ms at {memory} MiB", 0.2 + seconds * _GB_SECOND[cpu])]


def _distribution(inputs: Inputs) -> list[Item]:
    behaviors = [
        inputs.get("default_cache_behavior"),
        *(inputs.get("ordered_cache_behaviors") or ()),
    ]
    kinds = {
        "lambda_function_associations": ("Lambda@Edge requests, without their duration", 0.6),
        "function_associations": ("CloudFront Functions", 0.1),
    }
    used = [item for key, item in kinds.items() if any((each or {}).get(key) for each in behaviors)]
    return [("CloudFront HTTPS requests", 1.0), *used]


def _signatures(inputs: Inputs) -> list[Item]:
    if inputs.get("key_usage") != "SIGN_VERIFY":
        return []
    cheap = inputs["customer_master_key_spec"] == "RSA_2048"
    return [("KMS signatures", 3.0 if cheap else 15.0)]


def _table(inputs: Inputs) -> list[Item]:
    on_demand = inputs.get("billing_mode") == "PAY_PER_REQUEST"
    return [("DynamoDB writes of 1 KB (reads: a fifth)", 0.625)] if on_demand else []


MILLION: Mapping[str, Callable[[Inputs], list[Item]]] = {
    # /api-gateway/pricing
    "aws:apigateway/restApi:RestApi": lambda _: [("REST API requests", 3.5)],
    # /cloudfront/pricing
    "aws:cloudfront/distribution:Distribution": _distribution,
    # /eventbridge/pricing
    "aws:cloudwatch/eventBus:EventBus": lambda _: [("EventBridge events", 1.0)],
    # /dynamodb/pricing/on-demand
    "aws:dynamodb/table:Table": _table,
    # /kms/pricing
    "aws:kms/key:Key": _signatures,
    # /lambda/pricing
    "aws:lambda/function:Function": _function,
    # /s3/pricing
    "aws:s3/bucket:Bucket": lambda _: [("S3 uploads", 5.0)],
    # /sns/pricing
    "aws:sns/topic:Topic": lambda _: [("SNS messages", 0.5)],
    # /sqs/pricing
    "aws:sqs/queue:Queue": lambda _: [("SQS requests", 0.4)],
    # /waf/pricing
    "aws:wafv2/webAcl:WebAcl": lambda _: [("WAF requests", 0.6)],
}
"""Price of a million requests, invocations or events."""
