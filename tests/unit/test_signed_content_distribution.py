"""SignedContentDistribution: signed behaviors, permissions, and key rotation."""

import json
from pathlib import Path

import pytest

from components import SignedContentDistribution, StaticSite
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-1"


@pytest.fixture(scope="module")
def args() -> dict:
    return {
        "openapi": (ROOT / "apis" / "videos.yaml").read_text(),
        "app_url": "https://app.example.com",
        "functions": {"python": PYTHON},
    }


@pytest.fixture(scope="module")
def graph(build: Build, args: dict) -> Built:
    """Return the component without optional features."""
    return build_videos(build, args)


def build_videos(build: Build, args: dict, **more) -> Built:
    return build(lambda: SignedContentDistribution("videos", {**args, **more}))


def links(graph: Built):
    return graph.one("videos-api-function-links", "Function")


def environment(graph: Built) -> dict[str, str]:
    return links(graph).inputs["environment"]["variables"]


def policy(graph: Built, function: str) -> dict[str, list[str]]:
    """Return the permissions of a function: the actions on each resource."""
    document = graph.one(f"videos-api-function-{function}-policy", "RolePolicy").inputs["policy"]
    return {
        resource: sorted(each["Action"])
        for each in statements(document)
        for resource in each["Resource"]
    }


def unsigned(graph: Built) -> list[str]:
    """Return the path patterns that serve a bucket without a key group of the program."""
    groups = {each.id for each in graph.of("KeyGroup")}
    found = []
    for distribution in graph.of("Distribution"):
        buckets = {
            each["originId"]
            for each in distribution.inputs["origins"]
            if "originAccessControlId" in each
        }
        default = {"pathPattern": "*", **distribution.inputs["defaultCacheBehavior"]}
        for behavior in [default, *distribution.inputs.get("orderedCacheBehaviors", [])]:
            trusted = set(behavior.get("trustedKeyGroups", []))
            if behavior["targetOriginId"] in buckets and not (trusted and trusted <= groups):
                found.append(behavior["pathPattern"])
    return found


def test_every_behavior_that_reaches_content_trusts_the_key_group(build: Build, args: dict):
    graph = build_videos(build, args)  # a separate graph, because the test changes it
    assert len(graph.of("Distribution")) == 1
    assert unsigned(graph) == []
    behavior = graph.of("Distribution")[0].inputs["defaultCacheBehavior"]
    del behavior["trustedKeyGroups"]
    assert unsigned(graph) == ["*"]  # the helper finds such a behavior


def test_only_the_distribution_reads_the_bucket(graph: Built):
    (distribution,) = graph.of("Distribution")
    document = graph.one("videos-content-policy", "BucketPolicy").inputs["policy"]
    allowed = [each for each in statements(document) if each["Effect"] == "Allow"]
    assert len(allowed) == 1
    assert allowed[0]["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed[0]["Action"] == ["s3:GetObject"]
    assert allowed[0]["Condition"] == {"ArnEquals": {"aws:SourceArn": distribution.outputs["arn"]}}
    behavior = distribution.inputs["defaultCacheBehavior"]
    assert behavior["viewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["allowedMethods"] == ["GET", "HEAD"]
    assert distribution.inputs["isIpv6Enabled"] is False


def test_functions_have_only_the_permissions_that_they_need(graph: Built):
    key = graph.one("videos-key-a1", "Key").outputs["arn"]
    tables = {each.name: each.outputs["arn"] for each in graph.of("Table")}
    (secret,) = graph.of("Secret")
    signing, registering = policy(graph, "links"), policy(graph, "registration")
    assert signing[key] == ["kms:Sign"]
    assert signing[tables["videos-entitlements"]] == ["dynamodb:Query"]
    assert signing[tables["videos-audit"]] == ["dynamodb:PutItem"]
    assert secret.outputs["arn"] not in signing
    assert sorted(registering[tables["videos-entitlements"]]) == [
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
    ]
    assert registering[secret.outputs["arn"]] == ["secretsmanager:GetSecretValue"]
    assert not {key, tables["videos-audit"]} & registering.keys()


@pytest.mark.parametrize(
    ("algorithm", "spec", "signing_algorithm"),
    [
        ("ECDSA_P256", "ECC_NIST_P256", "ECDSA_SHA_256"),
        ("RSA_2048", "RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
    ],
)
def test_a_kms_key_signs_with_its_algorithm(
    build: Build, args: dict, algorithm: str, spec: str, signing_algorithm: str
):
    graph = build_videos(build, args, signing={"key_a": {"algorithm": algorithm}})
    key = graph.one("videos-key-a1", "Key")
    assert key.inputs["customerMasterKeySpec"] == spec
    assert key.inputs["keyUsage"] == "SIGN_VERIFY"
    assert environment(graph)["SIGNING_ALGORITHM"] == signing_algorithm
    assert environment(graph)["SIGNING_KEY_ARN"] == key.outputs["arn"]
    assert ".links.app" in links(graph).inputs["handler"]


def test_a_key_in_a_secret_signs_in_process(build: Build, args: dict):
    key = {"secret_arn": SECRET, "public_key_pem": "-----BEGIN PUBLIC KEY-----"}
    graph = build_videos(build, args, signing={"key_a": key})
    assert graph.of("Key") == []
    assert (
        graph.one("videos-public-key-a1", "PublicKey").inputs["encodedKey"]
        == f"{key['public_key_pem']}\n"
    )
    assert ".links_in_process.app" in links(graph).inputs["handler"]
    assert environment(graph)["SIGNING_SECRET_ARN"] == SECRET
    assert policy(graph, "links")[SECRET] == ["secretsmanager:GetSecretValue"]
    assert "kms:Sign" not in json.dumps(policy(graph, "links"))


def keys_of(graph: Built) -> tuple[set[str], str]:
    """Return the names of the trusted keys and of the signing key."""
    (group,) = graph.of("KeyGroup")
    names = {
        each.id: each.name.removeprefix("videos-public-key-") for each in graph.of("PublicKey")
    }
    return {names[each] for each in group.inputs["items"]}, names[environment(graph)["KEY_ID"]]


ROTATION = [
    # key_a, key_b, slot: trusted keys, signing key
    ((1, 0, "a"), ({"a1"}, "a1")),
    ((1, 1, "a"), ({"a1", "b1"}, "a1")),  # first update: all edge locations get the new key
    (
        (1, 1, "b"),
        ({"a1", "b1"}, "b1"),
    ),  # second update: the new key signs, issued links stay valid
    ((2, 1, "b"), ({"a2", "b1"}, "b1")),  # the next rotation begins
    ((2, 1, "a"), ({"a2", "b1"}, "a2")),
    ((2, 0, "a"), ({"a2"}, "a2")),  # after a leak: the other key is removed immediately
]


@pytest.mark.parametrize(("keys", "expected"), ROTATION)
def test_the_slot_selects_the_signing_key(build: Build, args: dict, keys: tuple, expected: tuple):
    a, b, slot = keys
    signing = {"key_a": {"generation": a}, "key_b": {"generation": b}, "slot": slot}
    assert keys_of(build_videos(build, args, signing=signing)) == expected


def test_an_existing_bucket_is_not_changed(build: Build, args: dict):
    graph = build_videos(build, args, content={"bucket_arn": "arn:aws:s3:::own"})
    assert graph.of("Bucket") == [] and graph.of("BucketPolicy") == []
    (distribution,) = graph.of("Distribution")
    assert distribution.inputs["origins"][0]["domainName"] == "own.s3.us-east-1.amazonaws.com"
    component = graph.one("videos", "SignedContentDistribution")
    statement = json.loads(component.outputs["content_policy_statement"])
    assert statement["Resource"] == "arn:aws:s3:::own/*"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": distribution.outputs["arn"]}}


def test_an_existing_distribution_gets_a_key_group_to_trust(build: Build, args: dict):
    content = {"url": "https://cdn.example.com", "distribution_id": "E1"}
    graph = build_videos(build, args, content=content)
    assert graph.of("Distribution") == graph.of("Bucket") == []
    assert environment(graph)["CONTENT_URL"] == "https://cdn.example.com"
    (group,) = graph.of("KeyGroup")
    component = graph.one("videos", "SignedContentDistribution")
    assert component.outputs["key_group_id"] == group.id
    alarm = graph.one("videos-edge-refusals", "MetricAlarm")
    assert alarm.inputs["dimensions"]["DistributionId"] == "E1"


def test_a_custom_domain_name(build: Build, args: dict):
    distribution = {"domain": {"name": "cdn.example.com", "zone_id": "Z1", "www": False}}
    graph = build_videos(build, args, distribution=distribution, cookie_domain="example.com")
    (distribution,) = graph.of("Distribution")
    assert distribution.inputs["aliases"] == ["cdn.example.com"]
    assert environment(graph)["CONTENT_URL"] == "https://cdn.example.com"
    assert environment(graph)["COOKIE_DOMAIN"] == "example.com"


def test_access_logs_contain_no_signatures(build: Build, args: dict):
    (delivery,) = build_videos(build, args).of("LogDelivery")
    assert {"date", "time", "cs-uri-stem"} <= set(delivery.inputs["recordFields"])
    assert "timestamp" not in delivery.inputs["recordFields"], "that is a field of real-time logs"
    assert not {"cs-uri-query", "cs(Cookie)"} & set(delivery.inputs["recordFields"])


def test_the_alarm_on_the_distribution_is_in_the_region_of_its_metrics(build: Build, args: dict):
    here, edge = "arn:aws:sns:eu-west-1:1:here", "arn:aws:sns:us-east-1:1:edge"
    graph = build_videos(build, args, alarm_topic_arn=here, distribution_alarm_topic_arn=edge)
    alarm = graph.one("videos-edge-refusals", "MetricAlarm").inputs
    assert (alarm["region"], alarm["alarmActions"]) == ("us-east-1", [edge])
    assert graph.one("videos-links-refused", "MetricAlarm").inputs["alarmActions"] == [here]


def test_the_url_of_a_site_can_be_the_origin_of_the_web_client(
    build: Build, args: dict, tmp_path: Path
):
    (tmp_path / "index.html").write_text("<title>app</title>")

    def program() -> None:
        functions = args["functions"]
        site = StaticSite("app", {"content": str(tmp_path), "functions": functions})
        SignedContentDistribution("videos", {**args, "app_url": site.url})

    graph = build(program)
    origin = f"https://{graph.one('app-distribution').outputs['domainName']}"
    headers = graph.one("videos-headers", "ResponseHeadersPolicy").inputs["corsConfig"]
    assert headers["accessControlAllowOrigins"]["items"] == [origin]
    assert environment(graph)["ALLOWED_ORIGINS"] == origin
    (client,) = graph.of("UserPoolClient")
    assert client.inputs["callbackUrls"] == [f"{origin}/"]


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"openapi": None}, "openapi: is missing; it is required"),
        ({"app_url": None}, "app_url: is missing; it is required"),
        ({"app_url": "https://example.com/"}, "app_url: is 'https://example.com/'; it must be an"),
        ({"app_url": ["https://a.test"]}, "app_url: is ['https://a.test']; it must be a string"),
        ({"min_seconds": 0}, "min_seconds: is 0"),
        ({"max_seconds": 604_801}, "max_seconds: is 604801"),
        ({"max_seconds": "14400"}, "max_seconds: is '14400'; it must be a whole number"),
        (
            {"min_seconds": 601},
            "default_seconds: is 600; it must be from `min_seconds` (601) to `max_seconds` (14400)",
        ),
        ({"audit_retention_days": 0}, "audit_retention_days: is 0"),
        ({"cookie_domain": "https://example.com"}, "cookie_domain: is 'https://example.com'; it"),
        ({"signing": {"slot": "c"}}, "signing.slot: is 'c'; it must be one of 'a', 'b'"),
        ({"signing": {"slot": "b"}}, "signing.slot: is 'b', but there is no key in this slot"),
        ({"signing": {"key_a": {"generation": 0}}}, "signing.slot: is 'a', but there is no key"),
        ({"signing": {"key_a": {"generation": 1.5}}}, "signing.key_a.generation: is 1.5; it must"),
        ({"signing": {"key_a": {"algorithm": "RSA_4096"}}}, "key_a.algorithm: is 'RSA_4096'"),
        ({"signing": {"key_c": {}}}, "signing.key_c: is not an argument; did you mean `key_b`?"),
        ({"signing": {"key_b": {"algoritm": "x"}}}, "signing.key_b.algoritm: is not an argument"),
        (
            {"signing": {"key_a": {"secret_arn": SECRET}}},
            "signing.key_a.public_key_pem: is missing; it is required with `secret_arn`",
        ),
        (
            {
                "signing": {
                    "key_a": {
                        "secret_arn": SECRET,
                        "public_key_pem": "x",
                        "algorithm": "RSA_2048",
                    }
                }
            },
            "signing.key_a.algorithm: has no effect with `secret_arn`",
        ),
        (
            {"content": {"url": "https://x", "bucket_arn": "arn"}},
            "content.bucket_arn: has no effect with `content.url`",
        ),
        (
            {"content": {"url": "https://x"}, "distribution": {"price_class": "PriceClass_100"}},
            "distribution: has no effect with `content.url`",
        ),
        ({"distribution": {"price_class": "cheap"}}, "distribution.price_class: is 'cheap'"),
        (
            {"content": {"distribution_id": "E"}},
            "content.distribution_id: requires `content.url`",
        ),
        ({"content": {"url": "https://x/"}}, "content.url: is 'https://x/'; it must be an origin"),
        ({"content": {"url": "https://*.example.com"}}, "content.url: is 'https://*.example.com'"),
        ({"cookie_domain": ".example.com"}, "cookie_domain: is '.example.com'; it must be a dom"),
        ({"content": {"bucket": "x"}}, "content.bucket: is not an argument"),
        ({"functions": {"memory": 128}}, "functions.memory: is not an argument"),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"bucket": "x"}, "bucket: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, args: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="SignedContentDistribution 'videos'") as caught:
        build_videos(build, args, **overrides)
    assert problem in str(caught.value)
