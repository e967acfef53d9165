"""Application Load Balancers, target groups, listeners and rules."""

from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, invokes

SERVICE = "elbv2"
LOAD_BALANCER_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
"""Inputs that AWS takes as attributes: "Edit attributes for your Application Load Balancer"."""
LOGS = {"accessLogs": "access_logs.s3", "connectionLogs": "connection_logs.s3"}
TARGET_GROUP_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "slowStart": "slow_start.duration_seconds",
}
"""Inputs that AWS takes as attributes: "Target groups for your Application Load Balancers"."""
HEALTH_CHECK = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


def _update_load_balancer(context: Context, arn: str, inputs: Inputs) -> Outputs:
    client = context.client(SERVICE)
    if inputs.get("subnets"):
        client.set_subnets(LoadBalancerArn=arn, Subnets=inputs["subnets"])
    if inputs.get("securityGroups"):
        client.set_security_groups(LoadBalancerArn=arn, SecurityGroups=inputs["securityGroups"])
    _set_load_balancer_attributes(context, arn, inputs)
    return {}


@creates(
    "aws:lb/loadBalancer:LoadBalancer",
    update=Update(
        _update_load_balancer,
        replaced_by=("internal", "loadBalancerType", "name", "namePrefix"),
        changes=("securityGroups", "subnets", *LOAD_BALANCER_ATTRIBUTES, *LOGS),
    ),
    delete=Call(SERVICE, "delete_load_balancer", LoadBalancerArn="id"),
)
def load_balancer(context: Context, inputs: Inputs) -> Created:
    """An Application Load Balancer. It is served at the ports of its listeners."""
    name = context.named(inputs, limit=32)
    made = context.call(
        SERVICE,
        "create_load_balancer",
        inputs,
        {"loadBalancerType": "Type"},
        ("internal", "name", "namePrefix", *LOAD_BALANCER_ATTRIBUTES, *LOGS),
        Name=name,
        Scheme="internal" if inputs.get("internal") else "internet-facing",
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    _set_load_balancer_attributes(context, arn, inputs)
    return arn, {
        "name": name,
        "arn": arn,
        "arnSuffix": arn.partition("loadbalancer/")[2],
        "dnsName": made["DNSName"],
        "zoneId": made["CanonicalHostedZoneId"],
        "vpcId": made["VpcId"],
        "internal": bool(inputs.get("internal")),
        "loadBalancerType": made["Type"],
    }


@invokes(
    "aws:lb/getLoadBalancer:getLoadBalancer",
    preview={
        "arn": (
            "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/own/0123456789abcdef"
        ),
        "dnsName": "internal-own.us-east-1.elb.amazonaws.com",
        "internal": True,
        "securityGroups": ["sg-own"],
    },
)
def get_load_balancer(context: Context, inputs: Inputs) -> Inputs:
    """Returns an existing load balancer."""
    client = context.client(SERVICE)
    found = client.describe_load_balancers(LoadBalancerArns=[inputs["arn"]])["LoadBalancers"][0]
    arn = found["LoadBalancerArn"]
    return {
        "id": arn,
        "arn": arn,
        "arnSuffix": arn.partition("loadbalancer/")[2],
        "name": found["LoadBalancerName"],
        "dnsName": found["DNSName"],
        "zoneId": found["CanonicalHostedZoneId"],
        "vpcId": found["VpcId"],
        "internal": found["Scheme"] == "internal",
        "loadBalancerType": found["Type"],
        "securityGroups": found.get("SecurityGroups", []),
        "subnets": [each["SubnetId"] for each in found["AvailabilityZones"]],
        "region": context.region,
    }


def _set_load_balancer_attributes(context: Context, arn: str, inputs: Inputs) -> None:
    wanted = _attributes(inputs, LOAD_BALANCER_ATTRIBUTES)
    for key, attribute in LOGS.items():
        for name, value in inputs.get(key, {}).items():
            wanted.append({"Key": f"{attribute}.{name}", "Value": _text(value)})
    if wanted:
        client = context.client(SERVICE)
        client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted)


def _update_target_group(context: Context, arn: str, inputs: Inputs) -> Outputs:
    health = _health_check(inputs)
    if health:
        context.client(SERVICE).modify_target_group(TargetGroupArn=arn, **health)
    _set_target_group_attributes(context, arn, inputs)
    return {}


@creates(
    "aws:lb/targetGroup:TargetGroup",
    update=Update(
        _update_target_group,
        replaced_by=(
            "ipAddressType",
            "name",
            "namePrefix",
            "port",
            "protocol",
            "protocolVersion",
            "targetType",
            "vpcId",
        ),
        changes=("healthCheck", "stickiness", *TARGET_GROUP_ATTRIBUTES),
    ),
    delete=Call(SERVICE, "delete_target_group", TargetGroupArn="id"),
)
def target_group(context: Context, inputs: Inputs) -> Created:
    """A target group with its health check."""
    name = context.named(inputs, limit=32)
    handled = ("healthCheck", "name", "namePrefix", "stickiness", *TARGET_GROUP_ATTRIBUTES)
    given = _health_check(inputs)
    made = context.call(SERVICE, "create_target_group", inputs, {}, handled, Name=name, **given)
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    _set_target_group_attributes(context, arn, inputs)
    return arn, {
        "name": name,
        "arn": arn,
        "arnSuffix": arn.rpartition(":")[2],
        "loadBalancerArns": [],
    }


def _health_check(inputs: Inputs) -> dict[str, Any]:
    check = inputs.get("healthCheck") or {}
    wanted = {name: check[key] for key, name in HEALTH_CHECK.items() if check.get(key) is not None}
    if "HealthCheckPort" in wanted:
        wanted["HealthCheckPort"] = str(wanted["HealthCheckPort"])
    for name in wanted:
        if name.endswith(("Count", "Seconds")):
            wanted[name] = int(wanted[name])
    if check.get("matcher"):
        wanted["Matcher"] = {"HttpCode": check["matcher"]}
    return wanted


def _set_target_group_attributes(context: Context, arn: str, inputs: Inputs) -> None:
    wanted = _attributes(inputs, TARGET_GROUP_ATTRIBUTES)
    stickiness = inputs.get("stickiness")
    if stickiness:
        wanted.append(
            {"Key": "stickiness.enabled", "Value": _text(stickiness.get("enabled", True))}
        )
        wanted.append({"Key": "stickiness.type", "Value": stickiness["type"]})
    if wanted:
        client = context.client(SERVICE)
        client.modify_target_group_attributes(TargetGroupArn=arn, Attributes=wanted)


def _attributes(inputs: Inputs, names: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"Key": attribute, "Value": _text(inputs[key])}
        for key, attribute in names.items()
        if inputs.get(key) is not None
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _update_listener(context: Context, arn: str, inputs: Inputs) -> Outputs:
    handled, actions = ("defaultActions", "loadBalancerArn", "tags"), _actions(inputs)
    context.call(
        SERVICE, "modify_listener", inputs, {}, handled, ListenerArn=arn, DefaultActions=actions
    )
    return {}


@creates(
    "aws:lb/listener:Listener",
    update=Update(
        _update_listener,
        replaced_by=("loadBalancerArn", "port"),
        changes=("certificateArn", "defaultActions", "protocol", "sslPolicy"),
    ),
    delete=Call(SERVICE, "delete_listener", ListenerArn="id"),
)
def listener(context: Context, inputs: Inputs) -> Created:
    """A listener. Its address on this machine replaces that of AWS in the values of programs."""
    load_balancer = inputs["loadBalancerArn"]
    certificate = inputs.get("certificateArn")
    given = {"Certificates": [{"CertificateArn": certificate}]} if certificate else {}
    made = context.call(
        SERVICE,
        "create_listener",
        inputs,
        {},
        ("certificateArn", "defaultActions"),
        DefaultActions=_actions(inputs),
        **given,
    )
    listener = made["Listeners"][0]
    found = context.client(SERVICE).describe_load_balancers(LoadBalancerArns=[load_balancer])
    scheme, name = listener["Protocol"].lower(), found["LoadBalancers"][0]["DNSName"]
    here = made["ResponseMetadata"]["HTTPHeaders"].get("x-listener-url")
    if here:
        context.serve(f"{scheme}://{name}:{listener['Port']}", here)
        if listener["Port"] == {"http": 80, "https": 443}.get(scheme):
            context.serve(f"{scheme}://{name}", here)
    arn = listener["ListenerArn"]
    return arn, {"arn": arn, "port": listener["Port"], "protocol": listener["Protocol"]}


def _update_rule(context: Context, arn: str, inputs: Inputs) -> Outputs:
    client = context.client(SERVICE)
    handled = ("actions", "conditions", "listenerArn", "priority", "tags")
    given = {"Actions": _actions(inputs, "actions"), "Conditions": _conditions(inputs)}
    context.call(SERVICE, "modify_rule", inputs, {}, handled, RuleArn=arn, **given)
    if inputs.get("priority"):
        priorities = [{"RuleArn": arn, "Priority": int(inputs["priority"])}]
        client.set_rule_priorities(RulePriorities=priorities)
    return {}


@creates(
    "aws:lb/listenerRule:ListenerRule",
    update=Update(
        _update_rule,
        replaced_by=("listenerArn",),
        changes=("actions", "conditions", "priority"),
    ),
    delete=Call(SERVICE, "delete_rule", RuleArn="id"),
)
def listener_rule(context: Context, inputs: Inputs) -> Created:
    """A rule of a listener. Without a priority it follows those that exist."""
    arn = inputs["listenerArn"]
    priority = inputs.get("priority")
    if not priority:
        rules = context.client(SERVICE).describe_rules(ListenerArn=arn)["Rules"]
        used = [int(each["Priority"]) for each in rules if each["Priority"].isdigit()]
        priority = max(used, default=0) + 1
    made = context.call(
        SERVICE,
        "create_rule",
        inputs,
        {},
        ("actions", "conditions", "priority"),
        Actions=_actions(inputs, "actions"),
        Conditions=_conditions(inputs),
        Priority=int(priority),
    )["Rules"][0]
    return made["RuleArn"], {"arn": made["RuleArn"], "priority": int(priority)}


def _actions(inputs: Inputs, key: str = "defaultActions") -> list[dict[str, Any]]:
    return [_action(each) for each in inputs[key]]


def _action(action: Inputs) -> dict[str, Any]:
    wanted: dict[str, Any] = {"Type": action["type"]}
    if action.get("order"):
        wanted["Order"] = int(action["order"])
    if action.get("targetGroupArn"):
        wanted["TargetGroupArn"] = action["targetGroupArn"]
    if action.get("forward"):
        groups = [
            {"TargetGroupArn": each["arn"], "Weight": int(each.get("weight", 1))}
            for each in action["forward"]["targetGroups"]
        ]
        wanted["ForwardConfig"] = {"TargetGroups": groups}
    for name in ("fixedResponse", "redirect"):
        if action.get(name):
            config = {_capital(key): value for key, value in action[name].items() if value}
            wanted[f"{_capital(name)}Config"] = config
    return wanted


def _conditions(inputs: Inputs) -> list[dict[str, Any]]:
    return [
        {"Field": FIELDS[key], CONFIGS.get(key, f"{_capital(key)}Config"): _condition(key, value)}
        for each in inputs["conditions"]
        for key, value in each.items()
        if value
    ]


CONFIGS = {"queryStrings": "QueryStringConfig"}
FIELDS = {
    "hostHeader": "host-header",
    "httpHeader": "http-header",
    "httpRequestMethod": "http-request-method",
    "pathPattern": "path-pattern",
    "queryStrings": "query-string",
    "sourceIp": "source-ip",
}


def _condition(key: str, value: Any) -> dict[str, Any]:
    if key == "queryStrings":
        return {"Values": [{_capital(k): v for k, v in each.items()} for each in value]}
    return {_capital(name): each for name, each in value.items() if each}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
