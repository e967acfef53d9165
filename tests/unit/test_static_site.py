"""StaticSite: objects of a folder, the order of uploads, and arguments that are refused."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components._blocks.distribution import CACHING_DISABLED
from components.photo_thumbnails import PhotoThumbnails
from components.static_site import StaticSite, edge_function
from components.static_site.content import FOREVER, PAGE, site_files
from components.static_site.origins import split_url
from local.engine import preview
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.policies import statements
from tools.graph.changes import changes
from tools.graph.document import document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en").mkdir()
    (tmp_path / "assets").mkdir()
    (tmp_path / "en/index.html").write_text('<link href="/assets/site.css">')
    (tmp_path / "assets/site.css").write_text("body { background: url(/assets/dot.svg) }")
    (tmp_path / "assets/dot.svg").write_text("<svg/>")
    (tmp_path / "robots.txt").write_text("User-agent: *\n")
    (tmp_path / ".DS_Store").write_text("junk")
    return tmp_path


@pytest.fixture
def args(folder: Path) -> dict[str, Any]:
    return {"content": str(folder), "assets": "assets/", "functions": {"python": PYTHON}}


def objects(graph: Built) -> dict[str, Any]:
    return {each.inputs["key"]: each for each in graph.of("BucketObjectv2")}


def test_names_of_assets_contain_their_digest(folder: Path):
    names = {each.key.split(".")[0]: each for each in site_files(str(folder), "assets/")}
    assert set(names) == {"assets/dot", "assets/site", "en/index", "robots"}
    assert f"/{names['assets/dot'].key}" in names["assets/site"].text
    assert names["en/index"].text == f'<link href="/{names["assets/site"].key}">'
    assert names["assets/site"].cache_control == FOREVER
    assert names["en/index"].cache_control == PAGE
    before = names["assets/site"].key
    (folder / "assets/dot.svg").write_text("<svg></svg>")
    after = {each.key.split(".")[0]: each.key for each in site_files(str(folder), "assets/")}
    assert after["assets/site"] != before, "a reference in it changed, so its digest changed"


def test_objects_have_content_types_and_pages_are_uploaded_last(build: Build, args: dict):
    graph = build(lambda: StaticSite("x", args))
    found = objects(graph)
    assert found["robots.txt"].inputs["contentType"] == "text/plain; charset=utf-8"
    page = found["en/index.html"]
    *others, last = [each for _, each in sorted(found.items()) if each is not page]
    assert last.urn in page.dependencies, "it waits for the last of the other files"
    assert set(last.dependencies) >= {each.urn for each in others}
    assert not {each.urn for each in others} & set(page.dependencies), "edges would be a product"
    keys = graph.one("x-paths", "KeyvaluestoreKeysExclusive")
    assert set(keys.dependencies) >= {each.urn for each in found.values()}
    assert keys.urn in graph.one("x-invalidation").dependencies


def test_only_this_distribution_reads_the_bucket(build: Build, args: dict):
    graph = build(lambda: StaticSite("x", args))
    tls, read = statements(graph.one("x-content-policy").inputs["policy"])
    distribution = graph.one("x-distribution")
    assert tls["Effect"] == "Deny"
    assert read["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert read["Action"] == ["s3:GetObject"] and read["Resource"][0].endswith("/*")
    assert read["Condition"] == {"ArnEquals": {"aws:SourceArn": distribution.outputs["arn"]}}
    origin = distribution.inputs["origins"][0]
    assert origin["originAccessControlId"] == graph.one("x-access").id


def test_the_distribution_has_production_settings(build: Build, args: dict):
    args |= {
        "apis": {"api": "https://abc.execute-api.eu-west-1.amazonaws.com/api"},
        "buckets": {"img": "images.s3.eu-west-1.amazonaws.com"},
        "origins": {"shop": "shop.example.com"},
        "distribution": {
            "domain": {"name": "example.com", "zone_id": "Z1"},
            "allowed_countries": ["DE"],
            "web_acl": {},
            "price_class": "PriceClass_100",
        },
    }
    graph = build(lambda: StaticSite("x", args))
    distribution = graph.one("x-distribution").inputs
    assert (distribution["httpVersion"], distribution["isIpv6Enabled"]) == ("http2and3", True)
    assert distribution["aliases"] == ["example.com", "www.example.com"]
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["restrictions"]["geoRestriction"]["locations"] == ["DE"]
    assert distribution["webAclId"] == graph.one("x-web-acl").outputs["arn"]
    assert graph.one("x-web-acl").inputs["scope"] == "CLOUDFRONT"
    for name in ("x-web-acl", "x-certificate", "x-edge-logs", "x-edge-errors"):
        assert graph.one(name).inputs["region"] == "us-east-1", name
    assert len([each for each in graph.of("Record") if each.inputs.get("aliases")]) == 4
    default = distribution["defaultCacheBehavior"]
    assert default["functionAssociations"][0]["eventType"] == "viewer-request"
    behaviors = {each["pathPattern"]: each for each in distribution["orderedCacheBehaviors"]}
    assert set(behaviors) == {"/assets/*", "/img/*", "/api/*", "/shop/*"}
    assert not any(each["functionAssociations"] for each in behaviors.values())
    for each in [default, *behaviors.values()]:
        assert each["viewerProtocolPolicy"] == "redirect-to-https" and each["compress"]
        assert each["responseHeadersPolicyId"] == graph.one("x-headers").id
    api = next(each for each in distribution["origins"] if each["originId"] == "api")
    assert api["domainName"] == "abc.execute-api.eu-west-1.amazonaws.com"
    keyed = graph.one("x-api").inputs["parametersInCacheKeyAndForwardedToOrigin"]
    assert "Authorization" in keyed["headersConfig"]["headers"]["items"]
    assert graph.one("x-api").inputs["defaultTtl"] == 0
    for each in distribution["customErrorResponses"]:
        assert "responsePagePath" not in each, "errors of an API must be passed through"
    kept = {e["errorCode"]: e["errorCachingMinTtl"] for e in distribution["customErrorResponses"]}
    assert kept == {403: 1, 404: 1}, "S3 answers 403 for a missing object that cannot be listed"


def uploads(**more: Any) -> dict[str, Any]:
    bucket = {"bucket_domain_name": "up.s3.eu-west-1.amazonaws.com", "key_group_id": "K1"}
    return {"uploads": {"uploads": bucket | more}}


def test_only_allowed_addresses_can_open_the_site(build: Build, args: dict):
    ranges = ["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]
    args["distribution"] = {"web_acl": {"allowed_addresses": ranges, "count_only": True}}
    graph = build(lambda: StaticSite("x", args))
    sets = {each.inputs["ipAddressVersion"]: each for each in graph.of("IpSet")}
    assert sets["IPV4"].inputs["addresses"] == ranges[:2]
    assert sets["IPV6"].inputs["addresses"] == ranges[2:]
    assert {each.inputs["scope"] for each in sets.values()} == {"CLOUDFRONT"}
    *_, rule = graph.one("x-web-acl").inputs["rules"]
    either = rule["statement"]["notStatement"]["statement"]
    arns = [each["ipSetReferenceStatement"]["arn"] for each in either["orStatement"]["statements"]]
    assert arns == [sets["IPV4"].outputs["arn"], sets["IPV6"].outputs["arn"]]
    assert list(rule["action"]) == ["block"]


def test_an_api_gets_its_secret_and_no_other_origin(build: Build, args: dict):
    url = "https://{}.execute-api.eu-west-1.amazonaws.com/{}"
    args["apis"] = {each: url.format(each, each) for each in ("api", "v2")}
    args["api_secrets"] = {"api": "s" * 32}
    distribution = build(lambda: StaticSite("x", args)).one("x-distribution")
    headers = {e["originId"]: e.get("customHeaders") or [] for e in distribution.inputs["origins"]}
    assert headers.pop("api") == [{"name": "x-origin-secret", "value": "s" * 32}]
    assert headers == {"content": [], "v2": []}
    assert distribution.secrets == ["origins"], "encrypted in the state"


def test_pages_of_an_api_keep_their_own_policies(build: Build, args: dict):
    """The page of a link in a mail allows its own style, and sends its address to nobody."""
    config = build(lambda: StaticSite("x", args)).one("x-headers").inputs["securityHeadersConfig"]
    kept = {key for key, header in config.items() if not header["override"]}
    assert kept == {"contentSecurityPolicy", "referrerPolicy"}


def test_the_program_can_write_files_of_the_site(build: Build, args: dict):
    args["external_files"] = ["config.json"]
    graph = build(lambda: StaticSite("x", args))
    pairs = graph.one("x-paths", "KeysExclusive").inputs["resourceKeyValuePairs"]
    assert {"key": "/config.json", "value": "/config.json"} in pairs
    assert "config.json" not in objects(graph)


def test_the_web_acl_lets_photos_pass(build: Build, args: dict):
    args |= {"distribution": {"web_acl": {}}, **uploads()}
    rules = build(lambda: StaticSite("x", args)).one("x-web-acl").inputs["rules"]
    *groups, rate = (each["statement"] for each in rules)
    assert len(groups) == 2 and "rateBasedStatement" in rate
    for group in groups:
        scope = group["managedRuleGroupStatement"]["scopeDownStatement"]
        skipped = scope["notStatement"]["statement"]["regexMatchStatement"]
        assert skipped["fieldToMatch"] == {"uriPath": {}}
        changes = [each["type"] for each in skipped["textTransformations"]]
        assert changes == ["URL_DECODE", "NORMALIZE_PATH"], "/uploads/../api/ is not an upload"
        assert re.search(skipped["regexString"], "/uploads/a.jpg")
        for path in ("/uploads", "/api/uploads/a.jpg", "/uploads2/a.jpg", "/api/photos"):
            assert not re.search(skipped["regexString"], path)


def test_only_signed_urls_can_store_uploads(build: Build, args: dict):
    def program() -> None:
        photos = PhotoThumbnails(
            "p", {"distribution": {"allow_uploads": True}, "functions": {"python": PYTHON}}
        )
        domain = photos.uploads_bucket_domain_name
        site = StaticSite("x", args | uploads(bucket_domain_name=domain))
        photos.grant_distribution_access(site.distribution_arn)

    graph = build(program)
    distribution = graph.one("x-distribution").inputs
    [behavior] = [
        e for e in distribution["orderedCacheBehaviors"] if e["pathPattern"] == "/uploads/*"
    ]
    assert behavior["trustedKeyGroups"] == ["K1"]
    assert "PUT" in behavior["allowedMethods"]
    assert behavior["cachePolicyId"] == CACHING_DISABLED
    policy = graph.one("x-uploads")
    assert behavior["originRequestPolicyId"] == policy.id
    forwarded = policy.inputs["headersConfig"]["headers"]["items"]
    assert not [each for each in forwarded if each.lower().startswith(("x-amz-", "host", "auth"))]
    assert policy.inputs["queryStringsConfig"]["queryStringBehavior"] == "none"
    [origin] = [each for each in distribution["origins"] if each["originId"] == "uploads"]
    assert origin["originAccessControlId"] == graph.one("x-access").id
    for each in distribution["orderedCacheBehaviors"]:
        assert each["pathPattern"] == "/uploads/*" or not each["trustedKeyGroups"]
    _tls, write = statements(graph.one("p-uploads-policy").inputs["policy"])
    assert write["Action"] == ["s3:PutObject"] and write["Resource"][0].endswith("/uploads/*")
    arn = graph.one("x-distribution").outputs["arn"]
    assert write["Condition"] == {"ArnEquals": {"aws:SourceArn": arn}}


@pytest.fixture
def code(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stamp")
    (folder / "app.py").write_text("def handler(event, context):\n    return event\n")
    return folder


def test_an_edge_function_meets_the_requirements_of_cloudfront(
    build: Build, args: dict, code: Path
):
    args["edge_functions"] = {"origin-response": {"code": str(code), "timeout": 30}}
    graph = build(lambda: StaticSite("x", args))
    function = graph.one("x-origin-response")
    inputs = function.inputs
    assert (inputs["region"], inputs["architectures"]) == ("us-east-1", ["x86_64"])
    assert inputs["publish"] and inputs["skipDestroy"], (
        "replicas at the edge outlive the distribution"
    )
    assert (inputs["timeout"], inputs["memorySize"]) == (30, 128)
    assert not {"environment", "vpcConfig", "layers", "tracingConfig", "loggingConfig"} & set(
        inputs
    )
    [trust] = statements(graph.one("x-origin-response-role").inputs["assumeRolePolicy"])
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}
    [logs] = statements(graph.one("x-origin-response-policy").inputs["policy"])
    [resource] = logs["Resource"]
    assert re.fullmatch(
        r"arn:aws:logs:\*:\d+:log-group:/aws/lambda/us-east-1\.x-origin-response-\*", resource
    )
    distribution = graph.one("x-distribution").inputs
    [call] = distribution["defaultCacheBehavior"]["lambdaFunctionAssociations"]
    version = function.outputs["qualifiedArn"]
    assert call == {"eventType": "origin-response", "lambdaArn": version}
    others = distribution["orderedCacheBehaviors"]
    assert not any(each["lambdaFunctionAssociations"] for each in others)


def test_an_edge_function_over_its_limits_is_refused(
    build: Build, args: dict, code: Path, monkeypatch: pytest.MonkeyPatch
):
    args["edge_functions"] = {
        "origin-request": {"code": str(code), "timeout": 31, "memory": 64},
        "viewer-request": {"code": str(code)},
        "sunrise": {"code": "nowhere"},
    }
    monkeypatch.setattr(edge_function, "_MAX_BUNDLE_BYTES", 100)
    with pytest.raises(ValueError, match=r"StaticSite 'x'") as raised:
        build(lambda: StaticSite("x", args))
    for problem in (
        'edge_functions["origin-request"].timeout: is 31; it must be from 1 to 30 seconds',
        'edge_functions["origin-request"].memory: is 64',
        'edge_functions["origin-request"].code: has a bundle of',
        'edge_functions["viewer-request"]: cannot be used: pages have a CloudFront Function',
        "edge_functions[\"sunrise\"]: is not an event; use 'origin-request' or 'origin-response'",
        "'nowhere' is neither a function of this package nor a folder",
    ):
        assert problem in str(raised.value)


def test_a_second_sync_of_an_unchanged_folder_changes_nothing(args: dict, folder: Path):
    first = graph(args)
    assert changes(first, graph(args)) == []
    (folder / "en/index.html").write_text("new")
    found = {each.resource.name: each.action for each in changes(first, graph(args))}
    assert found == {"x-file-en/index.html": "updated", "x-invalidation": "updated"}
    (folder / "robots.txt").unlink()
    found = {each.resource.name: each.action for each in changes(first, graph(args))}
    assert found["x-file-robots.txt"] == "deleted" and found["x-paths"] == "updated"


def graph(args: dict) -> Any:
    result = preview.run(lambda: StaticSite("x", args), {}, "colonnade", "dev", {"region": "r"})
    return document(result, "dev")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"content": None}, "content: is missing; it is required"),
        ({"content": ["site"]}, "content: is ['site']; it must be a string"),
        ({"content": "nowhere"}, "content: 'nowhere' is not a folder"),
        ({"content": ""}, "content: '' is not a folder"),
        ({"languages": ["fr"]}, "languages[0]: requires 'fr/index.html' in `content`"),
        ({"languages": ["en", "English"]}, "languages[1]: is 'English'; it must be a language"),
        ({"languages": "en"}, "languages: is 'en'; it must be a list"),
        ({"routes": {"/a": "/en/index.html"}}, "routes: '/a' must be a folder of paths"),
        ({"routes": {"/a/*": "/none.html"}}, "routes: '/none.html' is not a file of `content`"),
        ({"routes": ["/a/*"]}, "routes: is ['/a/*']; it must be a map"),
        ({"redirects": {"old": "/en/"}}, "redirects: 'old' must begin with '/'"),
        (
            {"media_types": {".a": "text"}},
            "media_types[\".a\"]: is 'text'; it must be a media type",
        ),
        ({"redirects": {"/old": 1}}, 'redirects["/old"]: is 1; it must be a string'),
        ({"buckets": {"assets": "b"}}, "buckets[\"assets\"]: '/assets/' is already in use"),
        ({"api_secrets": {"api": "s" * 32}}, 'api_secrets["api"]: is not a key of `apis`'),
        (
            {"apis": {"api": "https://a.example.com/api"}, "api_secrets": {"api": "short"}},
            'api_secrets["api"]: must have 32 to 128 ASCII characters',
        ),
        ({"apis": {"a/b": "https://x/a/b"}}, 'apis["a/b"]: must be one path segment'),
        ({"apis": {"api": "https://x/live"}}, "apis[\"api\"]: 'https://x/live' does not end with"),
        ({"origins": {"content": "x.test"}}, 'origins["content"]: must be one path segment'),
        ({"origins": {"x": "https://x.test"}}, "origins[\"x\"]: is 'https://x.test'; it must be"),
        ({"distribution": {"price_class": "cheap"}}, "distribution.price_class: is 'cheap'"),
        ({"distribution": {"price": "x"}}, "did you mean `price_class`?"),
        (
            {"distribution": {"allowed_countries": ["Germany"]}},
            "allowed_countries[0]: is 'Germany'",
        ),
        ({"distribution": {"allowed_countries": "DE"}}, "allowed_countries: is 'DE'; it must be a"),
        (
            {"distribution": {"allowed_countries": ["DE"], "blocked_countries": ["AT"]}},
            "distribution.allowed_countries: is given with `blocked_countries`",
        ),
        ({"distribution": {"comment": "x" * 129}}, "distribution.comment: is longer than 128"),
        ({"distribution": {"log_retention_days": 2}}, "distribution.log_retention_days: is 2"),
        ({"external_files": ["robots.txt"]}, "external_files: 'robots.txt' is a file of `content`"),
        ({"external_files": ["/a"]}, "external_files[0]: is '/a'"),
        (
            {"distribution": {"web_acl": {"allowed_addresses": ["10.0.0.1/8"]}}},
            "allowed_addresses[0]: is not a CIDR range: 10.0.0.1/8 has host bits set",
        ),
        (
            {"distribution": {"web_acl": {"allowed_addresses": ["0.0.0.0/0"]}}},
            "allowed_addresses[0]: must not be /0",
        ),
        ({"distribution": {"web_acl": {"limit": 1}}}, "distribution.web_acl.limit: is not an"),
        (
            {"distribution": {"domain": {"name": "www.x.de", "zone_id": "Z"}}},
            "distribution.domain.name: starts with 'www.'; use `www`",
        ),
        (
            {"distribution": {"domain": {"name": "x.de"}}},
            "distribution.domain.zone_id: is missing; it is required",
        ),
        (
            {"distribution": {"domain": {"name": "x.de", "zone_id": "Z", "www": "no"}}},
            "distribution.domain.www: is 'no'; it must be true or false",
        ),
        (
            {"response_headers": {"frame_options": "ALLOW"}},
            "response_headers.frame_options: is 'ALLOW'",
        ),
        ({"response_headers": {"hsts_seconds": -1}}, "response_headers.hsts_seconds: is -1"),
        (
            {"response_headers": {"connect_origins": "https://x"}},
            "connect_origins: is 'https://x'; it must",
        ),
        (
            {
                "response_headers": {
                    "content_security_policy": "x",
                    "connect_origins": ["https://x"],
                }
            },
            "response_headers.connect_origins: has no effect with `content_security_policy`",
        ),
        (
            uploads(key_group_id=""),
            "key_group_id: is ''; it must be the ID of a key group, without",
        ),
        ({"origins": {"shop": "*.example.com"}}, "origins[\"shop\"]: is '*.example.com'"),
        ({"origins": {"shop": "https://a.test"}}, "origins[\"shop\"]: is 'https://a.test'"),
        ({"buckets": {"img": "b"}}, "buckets[\"img\"]: is 'b'; it must be a domain name"),
        ({"apis": {"api": "https://a.test:443/api"}}, "apis[\"api\"]: is 'https://a.test:443/api'"),
        ({"apis": {"api": "http://a.test/api"}}, "apis[\"api\"]: is 'http://a.test/api'; it must"),
        (
            {"distribution": {"domain": {"name": "*.example.com", "zone_id": "Z1"}}},
            "distribution.domain.name: is '*.example.com'; it must be a domain name",
        ),
        (uploads(prefix="up"), 'uploads["uploads"].prefix: is not an argument'),
        (
            {"uploads": {"up": {}}},
            'uploads["up"].bucket_domain_name: is missing; it is required',
        ),
        ({"uploads": {"up": {}}}, 'uploads["up"].key_group_id: is missing; it is required'),
        (
            {"buckets": {"uploads": "b"}, **uploads()},
            "uploads[\"uploads\"]: '/uploads/' is already in use",
        ),
        (
            {"edge_functions": {"origin-response": {}}},
            'edge_functions["origin-response"].code: is missing; it is required',
        ),
        ({"functions": {"python": "2.7"}}, "functions.python: is '2.7'"),
        ({"functions": {"pyhton": "3.13"}}, "did you mean `python`?"),
        ({"retain_data": "no"}, "retain_data: is 'no'; it must be true or false"),
        ({"colour": "red"}, "colour: is not an argument"),
    ],
)
def test_the_error_names_the_invalid_argument(build: Build, args: dict, change: dict, problem: str):
    with pytest.raises(ValueError, match=r"StaticSite 'x'") as raised:
        build(lambda: StaticSite("x", {**args, **change}))
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("assets/a.css", "/assets/a.js", "in a cycle: assets/a.css, assets/a.js"),
        ("404.html", "x" * 10_000, "the maximum is 10240"),
        ("/".join(["x" * 200] * 3) + ".html", "", "too long for CloudFront's store"),
    ],
)
def test_invalid_content_is_refused(build: Build, args: dict, name: str, text: str, problem: str):
    folder = Path(args["content"])
    (folder / "assets/a.js").write_text("import '/assets/a.css'")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    with pytest.raises(ValueError) as raised:
        build(lambda: StaticSite("x", args))
    assert problem in str(raised.value)


def test_names_that_browsers_encode_have_one_form(build: Build, args: dict):
    folder = Path(args["content"])
    names = ("my page.html", "café.html", "tags/größe/index.html", "[slug].html", "a+b~c.html")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("page")
    more = {"redirects": {"/alt": "/tags/größe/"}, "routes": {"/gr%C3%B6%C3%9Fe/*": "/café.html"}}
    graph = build(lambda: StaticSite("x", {**args, **more}))
    assert set(names) < set(objects(graph)), "S3 keys are the names as they are"
    pairs = graph.one("x-paths", "KeyvaluestoreKeysExclusive").inputs["resourceKeyValuePairs"]
    table = {each["key"]: each["value"] for each in pairs}
    assert table["/my page.html"] == table["/my page"] == "/my%20page.html"
    assert table["/café"] == table["/größe/*"] == "/caf%C3%A9.html"
    assert table["/tags/größe/"] == "/tags/gr%C3%B6%C3%9Fe/index.html"
    assert table["/tags/größe"] == table["/alt"] == ">/tags/gr%C3%B6%C3%9Fe/"
    assert table["/[slug]"] == "/%5Bslug%5D.html"
    event = json.loads(graph.one("x-invalidation").inputs["input"])
    assert {"my%20page.html", "caf%C3%A9.html", "a%2Bb%7Ec.html"} < set(event["files"])
    assert event["routes"] == {"/gr%C3%B6%C3%9Fe/*": "/caf%C3%A9.html"}
    assert {f"/{each}" for each in event["files"]} == {
        value for value in table.values() if not value.startswith(">")
    }, "what the edge requests is what is invalidated"


def test_the_program_chooses_media_types(build: Build, args: dict):
    folder = Path(args["content"])
    for name in ("a.glb", "feed", "other.glb"):
        (folder / name).write_text("x")
    args["media_types"] = {".glb": "model/gltf-binary", "feed": "application/rss+xml"}
    found = objects(build(lambda: StaticSite("x", args)))
    assert found["other.glb"].inputs["contentType"] == "model/gltf-binary"
    assert found["feed"].inputs["contentType"] == "application/rss+xml"


def test_outputs_are_accepted_and_checked_when_known(build: Build, args: dict):
    def program(url: str) -> None:
        output = pulumi.Output.from_input
        more = {
            "apis": {"api": output(url)},
            "buckets": {"img": output("images.s3.eu-west-1.amazonaws.com")},
            "response_headers": {"connect_origins": [output("https://api.test")]},
        }
        StaticSite("x", {**args, **more})

    distribution = build(lambda: program("https://h.test/v1/api")).one("x-distribution").inputs
    api = next(each for each in distribution["origins"] if each["originId"] == "api")
    assert (api["domainName"], api["originPath"]) == ("h.test", "/v1")
    with pytest.raises(Exception, match="does not end with '/api'"):
        build(lambda: program("https://h.test/live"))


@pytest.mark.parametrize("key", ["content", "assets", "languages", "routes", "retain_data"])
def test_an_output_is_refused_where_it_cannot_work(build: Build, args: dict, key: str):
    with pytest.raises(ValueError, match=f"{key}: is an Output; it must be .* known at preview"):
        build(lambda: StaticSite("x", {**args, key: pulumi.Output.from_input("x")}))


def test_the_stage_of_an_api_must_have_the_name_of_its_path():
    assert split_url("api", "https://x.test/api") == ("x.test", "")
    assert split_url("api", "http://127.0.0.1:4566/_aws/x/api/") == ("127.0.0.1:4566", "/_aws/x")
    with pytest.raises(ValueError, match="stage_name='api'"):
        split_url("api", "https://abc.execute-api.eu-west-1.amazonaws.com/live")


def test_the_key_value_store_contains_the_paths_of_pages_and_redirects(build: Build, args: dict):
    graph = build(lambda: StaticSite("x", {**args, "redirects": {"/old": "/en/"}}))
    pairs = graph.one("x-paths", "KeyvaluestoreKeysExclusive").inputs["resourceKeyValuePairs"]
    assert {each["key"]: each["value"] for each in pairs} == {
        "/en": ">/en/",
        "/en/": "/en/index.html",
        "/en/index.html": ">/en/",
        "/old": ">/en/",
        "/robots.txt": "/robots.txt",
    }
    event = json.loads(graph.one("x-invalidation").inputs["input"])
    assert set(event["files"]) == {"en/index.html", "robots.txt"}
    assert event["routes"] == {}


def test_a_new_upload_of_the_same_content_is_a_change(build: Build, args: dict):
    """The content returned, or a failed deployment had replaced it: edges may have cached that."""
    graph = build(lambda: StaticSite("x", args))
    files = json.loads(graph.one("x-invalidation").inputs["input"])["files"]
    assert {key: state.split()[1] for key, state in files.items()} == {
        key: f"version-of-x-file-{key}-1a2b3c4" for key in ("en/index.html", "robots.txt")
    }


def test_objects_are_uploaded_to_a_bucket_with_versions(build: Build, args: dict):
    graph = build(lambda: StaticSite("x", args))
    versioning = graph.one("x-content-versioning")
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert all(versioning.urn in each.dependencies for each in objects(graph).values())
    rules = graph.one("x-content-lifecycle").inputs["rules"]
    (kept,) = [each for each in rules if "noncurrentVersionExpiration" in each]
    assert kept["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


def test_the_function_that_invalidates_knows_the_routes(build: Build, args: dict):
    args["routes"] = {"/en/app/*": "/en/index.html"}
    graph = build(lambda: StaticSite("x", args))
    assert json.loads(graph.one("x-invalidation").inputs["input"])["routes"] == args["routes"]
