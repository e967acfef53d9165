"""EdgeCache: origin, ingress, cached paths, monitoring and arguments."""

from typing import Any

import pulumi
import pytest

from components import EdgeCache
from components._blocks.arguments import ArgumentsError
from components._blocks.distribution import ALL_BUT_HOST, CACHING_DISABLED
from components.edge_cache.origin_shield import SHIELD_REGIONS, shield_region
from local.creators import lb
from local.engine.registry import FUNCTIONS, ProviderFunction
from tests.conftest import Build, Built

ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/own/0123456789abcdef"
PATHS = {"/releases/*": {"cache_seconds": 31_536_000}}
PRIVATE = {"load_balancer_arn": ARN, "cached_paths": PATHS}
PUBLIC = {"origin": {"domain_name": "origin.example.com"}, "cached_paths": PATHS}


def edge(build: Build, **args: Any) -> Built:
    return build(lambda: EdgeCache("edge", args))


def distribution(graph: Built) -> dict[str, Any]:
    return graph.one("edge-distribution").inputs


def behaviors(graph: Built) -> dict[str, dict[str, Any]]:
    return {each["pathPattern"]: each for each in distribution(graph)["orderedCacheBehaviors"]}


def test_nothing_of_the_application_is_managed(build: Build):
    graph = edge(build, **PRIVATE)
    kinds = {each.type.split(":")[1].split("/")[0] for each in graph.resources if each.custom}
    assert kinds - {"cloudfront", "cloudwatch", "pulumi"} == {"vpc"}
    [rule] = graph.of("SecurityGroupIngressRule")
    assert not [
        each for each in graph.resources if each.type.startswith("aws:vpc/") and each != rule
    ]


def test_only_the_edge_reaches_the_load_balancer(build: Build):
    [rule] = edge(build, **PRIVATE).of("SecurityGroupIngressRule")
    inputs = rule.inputs
    assert (inputs["fromPort"], inputs["toPort"], inputs["ipProtocol"]) == (80, 80, "tcp")
    assert inputs["prefixListId"].startswith("pl-") and inputs["securityGroupId"] == "sg-own"
    assert not {"cidrIpv4", "cidrIpv6"} & inputs.keys()


def test_the_rule_goes_to_the_group_that_is_given_or_nowhere(build: Build):
    [rule] = edge(build, **PRIVATE, security_group_id="sg-1").of("SecurityGroupIngressRule")
    assert rule.inputs["securityGroupId"] == "sg-1"
    assert not edge(build, **PRIVATE, ingress_rule=False).of("SecurityGroupIngressRule")


def test_the_vpc_origin_leads_to_the_listener(build: Build):
    graph = edge(build, **PRIVATE)
    made = graph.one("edge-origin")
    config = made.inputs["vpcOriginEndpointConfig"]
    assert config["name"] == "edge-0123456789abcdef-http-80"
    assert (config["arn"], config["originProtocolPolicy"]) == (ARN, "http-only")
    [origin] = distribution(graph)["origins"]
    assert origin["vpcOriginConfig"] == {"vpcOriginId": made.id}
    assert origin["domainName"] == "internal-own.us-east-1.elb.amazonaws.com"
    assert origin["originShield"] == {"enabled": True, "originShieldRegion": "us-east-1"}
    assert "customHeaders" not in origin


def test_https_uses_the_name_of_the_certificate(build: Build):
    graph = edge(build, **PRIVATE, https=True, origin_domain_name="updates.example.com")
    config = graph.one("edge-origin").inputs["vpcOriginEndpointConfig"]
    assert (config["httpsPort"], config["originProtocolPolicy"]) == (443, "https-only")
    assert config["originSslProtocols"] == {"items": ["TLSv1.2"], "quantity": 1}
    assert distribution(graph)["origins"][0]["domainName"] == "updates.example.com"
    assert graph.of("SecurityGroupIngressRule")[0].inputs["toPort"] == 443


def test_a_changed_setting_makes_another_vpc_origin(build: Build):
    """CloudFront refuses changes of one that is in use, and two of the same name."""
    other = ARN.replace("0123456789abcdef", "fedcba9876543210")
    variants: list[dict[str, Any]] = [
        {},
        {"port": 8080},
        {"load_balancer_arn": other},
        {"https": True, "port": 8080, "origin_domain_name": "a.example.com"},
    ]
    original = FUNCTIONS["aws:lb/getLoadBalancer:getLoadBalancer"]
    assert original.preview is not None
    names = set()
    for variant in variants:
        args = {**PRIVATE, **variant}
        preview = {**original.preview, "arn": args["load_balancer_arn"]}
        with answering(preview):
            graph = edge(build, **args)
        names.add(graph.one("edge-origin").inputs["vpcOriginEndpointConfig"]["name"])
    assert len(names) == len(variants)


class answering:
    """The answer about the load balancer within the block."""

    def __init__(self, preview: dict[str, Any]) -> None:
        self._preview, self._token = preview, "aws:lb/getLoadBalancer:getLoadBalancer"

    def __enter__(self) -> None:
        self._before = FUNCTIONS[self._token]
        FUNCTIONS[self._token] = ProviderFunction(lb.get_load_balancer, self._preview)

    def __exit__(self, *error: object) -> None:
        FUNCTIONS[self._token] = self._before


def test_default_tags_do_not_change_the_vpc_origin(build: Build):
    """CloudFront refuses changes of tags too while a distribution uses it."""
    origin = edge(build, **PRIVATE).one("edge-origin")
    assert "tags" not in origin.inputs
    assert sorted(origin.ignore_changes) == ["tags", "tagsAll"]
    assert origin.replace_on_changes == ["vpcOriginEndpointConfig"]


def test_an_internet_facing_load_balancer_is_refused(build: Build):
    original = FUNCTIONS["aws:lb/getLoadBalancer:getLoadBalancer"].preview
    assert original is not None
    with (
        answering({**original, "internal": False}),
        pytest.raises(ValueError, match=r"load_balancer_arn: .* is internet-facing"),
    ):
        edge(build, **PRIVATE)


def test_the_order_of_creation_and_destruction(build: Build):
    graph = edge(build, **PRIVATE)
    [rule] = graph.of("SecurityGroupIngressRule")
    origin = graph.one("edge-origin")
    assert rule.urn in origin.dependencies
    assert origin.urn in graph.one("edge-distribution").dependencies


def test_a_public_origin_gets_a_secret_header(build: Build):
    secret = "s" * 32

    def program() -> None:
        origin = {"domain_name": "origin.example.com", "secret": pulumi.Output.secret(secret)}
        EdgeCache("edge", {"cached_paths": PATHS, "origin": origin})

    graph = build(program)
    [origin] = distribution(graph)["origins"]
    assert origin["customHeaders"] == [{"name": "x-origin-secret", "value": secret}]
    assert graph.one("edge-distribution").secrets == ["origins"], "encrypted in the state"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert "originShield" not in origin
    assert not graph.of("VpcOrigin") and not graph.of("SecurityGroupIngressRule")


def test_origin_shield_is_where_the_application_is():
    prefix = "arn:aws:elasticloadbalancing"
    assert all(shield_region(f"{prefix}:{each}:1:x") == each for each in SHIELD_REGIONS)
    assert shield_region(f"{prefix}:eu-north-1:1:x") == "eu-west-2"
    with pytest.raises(ValueError, match=r"is required for mx-central-1: `none`, or"):
        shield_region(f"{prefix}:mx-central-1:1:x")


def test_origin_shield_can_be_elsewhere_or_nowhere(build: Build):
    [origin] = distribution(edge(build, **PUBLIC, origin_shield_region="eu-west-1"))["origins"]
    assert origin["originShield"] == {"enabled": True, "originShieldRegion": "eu-west-1"}
    [origin] = distribution(edge(build, **PRIVATE, origin_shield_region="none"))["origins"]
    assert "originShield" not in origin


def test_a_path_is_cached_for_its_seconds_whatever_the_headers_say(build: Build):
    graph = edge(build, **PRIVATE)
    releases = behaviors(graph)["/releases/*"]
    [policy] = graph.of("CachePolicy")
    assert releases["cachePolicyId"] == policy.id
    assert {policy.inputs[key] for key in ("minTtl", "defaultTtl", "maxTtl")} == {31_536_000}
    parameters = policy.inputs["parametersInCacheKeyAndForwardedToOrigin"]
    assert parameters["cookiesConfig"] == {"cookieBehavior": "none"}
    assert parameters["queryStringsConfig"] == {"queryStringBehavior": "none"}
    assert not parameters["enableAcceptEncodingGzip"] and not releases["compress"]
    assert releases["allowedMethods"] == ["GET", "HEAD"]


def test_everything_else_passes_through(build: Build):
    paths = {**PATHS, "/latest.json": {"cache_seconds": 0}}
    graph = edge(build, load_balancer_arn=ARN, cached_paths=paths)
    default = distribution(graph)["defaultCacheBehavior"]
    for each in (default, behaviors(graph)["/latest.json"]):
        assert each["cachePolicyId"] == CACHING_DISABLED
        assert each["originRequestPolicyId"] == ALL_BUT_HOST
        assert "POST" in each["allowedMethods"] and not each["compress"]


def test_the_most_specific_path_is_first(build: Build):
    patterns = ["/releases/*", "/*.json", "/releases/beta/*", "/releases/latest.json"]
    paths = {each: {"cache_seconds": 60} for each in patterns}
    ordered = list(behaviors(edge(build, load_balancer_arn=ARN, cached_paths=paths)))
    assert ordered == ["/releases/latest.json", "/releases/beta/*", "/releases/*", "/*.json"]


def test_paths_with_the_same_settings_share_a_policy(build: Build):
    notes = {"cache_seconds": 60, "compress": True, "query_parameters": ["lang", "channel"]}
    paths = {"/a/*": {"cache_seconds": 60}, "/b/*": {"cache_seconds": 60}, "/notes/*": notes}
    graph = edge(build, load_balancer_arn=ARN, cached_paths=paths)
    assert {each.name for each in graph.of("CachePolicy")} == {
        "edge-cache-60",
        "edge-cache-60-compressed-channel-lang",
    }
    made = graph.one("edge-cache-60-compressed-channel-lang").inputs
    query = made["parametersInCacheKeyAndForwardedToOrigin"]["queryStringsConfig"]
    assert query["queryStrings"]["items"] == ["channel", "lang"]
    assert behaviors(graph)["/notes/*"]["compress"]


def test_a_low_hit_rate_is_an_alarm_only_under_load(build: Build):
    graph = edge(build, **PRIVATE, distribution_alarm_topic_arn="arn:aws:sns:us-east-1:1:t")
    alarm = graph.one("edge-edge-hit-rate").inputs
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (90, "LessThanThreshold")
    assert alarm["alarmActions"] == ["arn:aws:sns:us-east-1:1:t"]
    queries = {each["id"]: each for each in alarm["metricQueries"]}
    assert queries["under_load"]["expression"] == "IF(load >= 1000, rate)"
    assert queries["rate"]["metric"]["metricName"] == "CacheHitRate"
    assert queries["load"]["metric"]["metricName"] == "Requests"
    assert [key for key, each in queries.items() if each["returnData"]] == ["under_load"]
    assert graph.of("MonitoringSubscription")


def test_without_the_hit_rate_there_are_no_additional_metrics(build: Build):
    graph = edge(build, **PRIVATE, min_hit_percent=0)
    assert not graph.of("MonitoringSubscription")
    assert [each.name for each in graph.of("MetricAlarm")] == ["edge-edge-errors"]
    assert "CacheHitRate" not in graph.one("edge-dashboard").inputs["dashboardBody"]


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ({"cached_paths": PATHS}, "load_balancer_arn: is missing; it or `origin` is required"),
        ({**PRIVATE, **PUBLIC}, "origin: is given with `load_balancer_arn`"),
        (
            {**PRIVATE, "load_balancer_arn": "web"},
            "load_balancer_arn: is 'web'; it must be the ARN",
        ),
        (
            {**PRIVATE, "load_balancer_arn": ARN.replace("/app/", "/net/")},
            "it must be the ARN of an Application Load Balancer",
        ),
        ({**PRIVATE, "https": True}, "origin_domain_name: is missing; it is required with `https`"),
        ({**PRIVATE, "port": 81}, "port: is 81; CloudFront reaches ports 80, 443 and 1024"),
        (
            {**PRIVATE, "ingress_rule": False, "security_group_id": "sg-1"},
            "security_group_id: has no effect without `ingress_rule`",
        ),
        ({**PUBLIC, "port": 8080}, "port: requires `load_balancer_arn`"),
        (
            {**PUBLIC, "security_group_id": "sg-1"},
            "security_group_id: requires `load_balancer_arn`",
        ),
        (
            {**PRIVATE, "origin_shield_region": "eu-north-1"},
            "origin_shield_region: is 'eu-north-1'",
        ),
        ({**PRIVATE, "cached_paths": {}}, "cached_paths: caches nothing"),
        ({**PRIVATE, "cached_paths": {"/a": {"cache_seconds": 0}}}, "cached_paths: caches nothing"),
        (
            {**PRIVATE, "cached_paths": {"a": {"cache_seconds": 1}}},
            'cached_paths["a"]: is not a path',
        ),
        (
            {**PRIVATE, "cached_paths": {"/*": {"cache_seconds": 1}}},
            'cached_paths["/*"]: is every path',
        ),
        (
            {**PRIVATE, "cached_paths": {"/a": {"cache_seconds": 40_000_000}}},
            'cached_paths["/a"].cache_seconds: is 40000000; it must be from 0 to 31536000 seconds',
        ),
        (
            {**PRIVATE, "cached_paths": {**PATHS, "/a": {"cache_seconds": 0, "compress": True}}},
            'cached_paths["/a"].compress: has no effect with `cache_seconds` 0',
        ),
        (
            {**PRIVATE, "cached_paths": {"/a": {"cache_seconds": 1, "query_parameters": ["a b"]}}},
            'cached_paths["/a"].query_parameters[0]: is',
        ),
        ({**PRIVATE, "min_hit_percent": 100}, "min_hit_percent: is 100"),
        (
            {**PUBLIC, "origin": {"domain_name": "a.example.com", "secret": "short"}},
            "origin.secret: must have 32 to 128 ASCII characters",
        ),
    ],
)
def test_bad_arguments_are_named(build: Build, args: dict[str, Any], problem: str):
    with pytest.raises(ArgumentsError) as error:
        edge(build, **args)
    assert problem in str(error.value)


def test_a_name_that_does_not_fit_is_refused(build: Build):
    with pytest.raises(ArgumentsError, match="name: is a-name-that-is-much-too-long"):
        build(lambda: EdgeCache("a-name-that-is-much-too-long-for-it-", PRIVATE))
