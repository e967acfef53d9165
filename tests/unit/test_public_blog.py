"""PublicBlog: a global table, a public API with limited access to it, and the welcome mail."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.public_blog import PublicBlog
from components.static_site import StaticSite
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tests.unit.policies import statements

ARGS = {
    "openapi": (ROOT / "apis" / "blog.yaml").read_text(),
    "site_url": "https://blog.example.com",
    "title": "MyBlog",
    "from_address": "hello@example.com",
    "functions": {"python": PYTHON},
}


@pytest.fixture(scope="module")
def graph(build: Build) -> Built:
    """Return the blog without optional features."""
    return build_blog(build)


def build_blog(build: Build, **overrides: Any) -> Built:
    return build(lambda: PublicBlog("blog", {**ARGS, **overrides}))


def table_statement(graph: Built, function: str) -> dict[str, Any]:
    arn = graph.one("blog-content").outputs["arn"]
    policy = graph.one(f"blog-api-function-{function}-policy").inputs["policy"]
    (statement,) = [s for s in statements(policy) if arn in s["Resource"]]
    return statement


def test_each_function_can_access_only_its_own_partitions(graph: Built):
    for function, actions, partitions in (
        ("posts-read", ["dynamodb:GetItem", "dynamodb:Query"], "post*"),
        ("subscriptions", ["dynamodb:GetItem", "dynamodb:UpdateItem"], "subscriber#*"),
    ):
        statement = table_statement(graph, function)
        assert statement["Action"] == actions
        condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [partitions]}}
        assert statement["Condition"] == condition
    health = graph.one("blog-api-function-health-policy").inputs["policy"]
    assert "dynamodb:" not in health


def test_replicas_have_the_recovery_and_protection_of_the_table(build: Build):
    table = build_blog(build, replicas={"regions": ["eu-west-1", "us-west-2"]}).one("blog-content")
    assert table.inputs["streamViewType"] == "NEW_AND_OLD_IMAGES"
    assert [each["regionName"] for each in table.inputs["replicas"]] == ["eu-west-1", "us-west-2"]
    for each in table.inputs["replicas"]:
        assert each["pointInTimeRecovery"] and each["deletionProtectionEnabled"]
        assert each["propagateTags"] and each["consistencyMode"] == "EVENTUAL"


def test_the_first_replica_does_not_change_the_stream(build: Build):
    views = [
        build_blog(build, **overrides).one("blog-content").inputs["streamViewType"]
        for overrides in ({}, {"replicas": {"regions": ["eu-west-1"]}})
    ]
    assert views == ["NEW_AND_OLD_IMAGES"] * 2


def test_strong_consistency_can_use_a_witness(build: Build):
    replicas = {"regions": ["us-east-2"], "strong_consistency": True, "witness_region": "us-west-2"}
    table = build_blog(build, replicas=replicas).one("blog-content").inputs
    assert [each["consistencyMode"] for each in table["replicas"]] == ["STRONG"]
    assert table["globalTableWitness"] == {"regionName": "us-west-2"}


def test_responses_are_cached_by_their_parameters_or_not_at_all(build: Build, graph: Built):
    body = json.loads(graph.one("blog-api-api").inputs["body"])
    integration = body["paths"]["/posts/{slug}"]["get"]["x-amazon-apigateway-integration"]
    assert {"method.request.path.slug", "method.request.querystring.language"} <= set(
        integration["cacheKeyParameters"]
    )
    uncached = build_blog(build, cached=False)
    assert uncached.one("blog-api-stage").inputs["cacheClusterEnabled"] is False


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"site_url": "https://example.com/"}, "site_url: is 'https://example.com/'; it must be"),
        (
            {"from_address": "MyBlog <a@b.cc>"},
            "from_address: is 'MyBlog <a@b.cc>'; it must be an address such as",
        ),
        ({"openapi": "a: b: c"}, "openapi: is neither YAML nor JSON"),
        ({"openapi": "openapi: 3.0.3"}, "openapi: has no `paths`"),
        ({"openapi": None}, "openapi: is missing; it is required"),
        ({"site_url": "http://example.com"}, "site_url: is 'http://example.com'; it must be an or"),
        ({"title": None}, "title: is missing; it is required"),
        ({"title": ["MyBlog"]}, "title: is ['MyBlog']; it must be a string"),
        ({"texts": {"en": {"text": "y", "html": "z"}}}, 'texts["en"].subject: is missing; it is'),
        ({"texts": {"en": {"titel": "x"}}}, 'texts["en"].titel: is not an argument'),
        ({"replicas": {"regions": "eu-west-1"}}, "replicas.regions: is 'eu-west-1'; it must be a"),
        (
            {"replicas": {"witness": "eu-west-1"}},
            "replicas.witness: is not an argument; did you me",
        ),
        ({"photos": {"env": {}}}, "photos.env: is not an argument; known are `environment`"),
        ({"title": "My\nBlog"}, "title: is 'My\\nBlog'; it must be a name in one line"),
        ({"title": "{{x}}"}, "title: is '{{x}}'; it must be a name in one line"),
        ({"retry_after_minutes": 1}, "retry_after_minutes: is 1; it must be from 5 to 1440"),
        (
            {"texts": {"en": {"subject": "x", "text": "y", "html": "z"}}},
            'texts["en"].text: must contain {{unsubscribeUrl}}',
        ),
        ({"texts": {}}, "texts: is empty; it must have one language"),
        ({"replicas": {"regions": ["eu-west-1"] * 2}}, "replicas.regions: names a region twice"),
        (
            {"replicas": {"witness_region": "eu-west-1"}},
            "replicas.witness_region: requires `strong_consistency`",
        ),
        (
            {"replicas": {"regions": ["us-east-2"], "strong_consistency": True}},
            "replicas.regions: must be two replicas, or one and a `witness_region`",
        ),
        (
            {"replicas": {"regions": ["us-east-2", "eu-west-1"], "strong_consistency": True}},
            "replicas.regions: must be of one set with `strong_consistency`",
        ),
        ({"cached": "no"}, "cached: is 'no'; it must be true or false"),
        ({"photos": {"statements": [{"actions": []}]}}, "photos.statements[0].resources: is miss"),
        ({"table": "x"}, "table: is not an argument; "),
        ({"origin_secrets": ["s" * 32]}, "web_acl: is missing; `origin_secrets` requires it"),
        (
            {"origin_secrets": ["s" * 32], "web_acl": {}},
            "api_url: is missing; `origin_secrets` requires it",
        ),
        (
            {"operation_throttles": {"uploadPhoto": {"rate_limit": 1, "burst_limit": 1}}},
            'operation_throttles["uploadPhoto"]: is not an operation of the API',
        ),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, overrides: dict, problem: str):
    with pytest.raises(ValueError, match="PublicBlog 'blog'") as caught:
        build_blog(build, **overrides)
    assert problem in str(caught.value)


@pytest.mark.parametrize("key", ["openapi", "title", "from_address", "cached"])
def test_an_output_is_refused_where_a_plain_value_is_needed(build: Build, key: str):
    with pytest.raises(ValueError, match=f"{key}: is an Output; it must be .* known at preview"):
        build(lambda: PublicBlog("blog", {**ARGS, key: pulumi.Output.from_input("x")}))


def test_the_site_url_can_be_the_url_of_a_static_site(build: Build, tmp_path: Path):
    (tmp_path / "index.html").write_text("<!doctype html>")

    def program() -> None:
        site = StaticSite("site", {"content": str(tmp_path), "functions": ARGS["functions"]})
        PublicBlog("blog", {**ARGS, "site_url": site.url})

    graph = build(program)
    url = graph.one("site").outputs["url"]
    assert url.startswith("https://")
    api = graph.one("blog-api-function-posts-read").inputs["environment"]["variables"]
    mailer = graph.one("blog-mailer-welcome").inputs["environment"]["variables"]
    assert api["ALLOWED_ORIGINS"] == mailer["SITE_URL"] == url


def test_the_api_has_photo_routes_only_with_photo_access(build: Build, graph: Built):
    assert "/photos" not in json.loads(graph.one("blog-api-api").inputs["body"])["paths"]
    graph = build_blog(build, photos={"environment": {"UPLOADS_BUCKET": "uploads"}})
    assert "/photos" in json.loads(graph.one("blog-api-api").inputs["body"])["paths"]
    variables = graph.one("blog-api-function-photos").inputs["environment"]["variables"]
    assert variables["UPLOADS_BUCKET"] == "uploads"


def limits(graph: Built) -> dict[str, tuple[float, int]]:
    """Return the request limits by method."""
    made = {
        each.inputs["methodPath"]: each.inputs["settings"] for each in graph.of("MethodSettings")
    }
    return {
        path: (settings["throttlingRateLimit"], settings["throttlingBurstLimit"])
        for path, settings in made.items()
    }


def test_writes_of_anybody_are_limited_by_default(build: Build):
    link = "~1subscriptions~1{subscriberId}~1"
    expected = {
        "*/*": (100, 200),
        "~1subscriptions/POST": (1, 5),
        f"{link}confirm/POST": (10, 20),
        f"{link}unsubscribe/POST": (10, 20),
    }
    assert limits(build_blog(build, cached=False)) == expected
    photos = {"environment": {"UPLOADS_BUCKET": "uploads"}}
    with_photos = limits(build_blog(build, cached=False, photos=photos))
    assert with_photos == {**expected, "~1photos/POST": (1, 5)}


def test_the_request_limits_of_the_api_can_be_set(build: Build):
    own = {
        "throttle": {"rate_limit": 5, "burst_limit": 10},
        "operation_throttles": {
            "subscribe": {"rate_limit": 0.5, "burst_limit": 2},
            "listPosts": {"rate_limit": 50, "burst_limit": 60},
        },
    }
    made = limits(build_blog(build, **own))
    assert made["*/*"] == made["~1posts~1{slug}/GET"] == (5, 10)
    assert made["~1subscriptions/POST"] == (0.5, 2)
    assert made["~1posts/GET"] == (50, 60)
    assert made["~1subscriptions~1{subscriberId}~1confirm/POST"] == (10, 20)


def test_a_web_acl_protects_the_host_name_of_the_api(build: Build):
    graph = build_blog(build, web_acl={"count_only": True})
    (acl,), (association,) = graph.of("WebAcl"), graph.of("WebAclAssociation")
    assert acl.inputs["scope"] == "REGIONAL"
    stage = graph.one("blog-api-stage").outputs["arn"]
    assert association.inputs == {
        "resourceArn": stage,
        "webAclArn": acl.outputs["arn"],
    }


def test_mails_link_to_where_the_api_answers(build: Build, graph: Built):
    closed = {
        "web_acl": {},
        "origin_secrets": ["s" * 32],
        "api_url": "https://blog.example.com/api",
    }
    mailer = build_blog(build, **closed).one("blog-mailer-welcome").inputs["environment"]
    assert mailer["variables"]["API_URL"] == "https://blog.example.com/api"
    mailer = graph.one("blog-mailer-welcome").inputs["environment"]
    assert mailer["variables"]["API_URL"] == graph.one("blog-api-stage").outputs["invokeUrl"]
