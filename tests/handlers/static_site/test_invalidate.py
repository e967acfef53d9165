"""The invalidation of changed paths."""

import boto3
import pytest
from botocore.stub import Stubber
from static_site.invalidate import app

FILES = {"en/index.html": "1", "robots.txt": "1", "en/post.html": "1"}
ROUTES = {"/en/posts/*": "/en/post.html", "/en/app/*": "/en/index.html"}


class World:
    """A fake of CloudFront that records its calls."""

    def __init__(self):
        self.cloudfront = boto3.client("cloudfront", "us-east-1")
        self.stub = Stubber(self.cloudfront)
        self.stub.activate()
        self.references = []
        self.cloudfront.meta.events.register(
            "provide-client-params.cloudfront.CreateInvalidation", self._record
        )

    def _record(self, params, **_):
        self.references.append(params["InvalidationBatch"]["CallerReference"])

    def expect(self, *paths):
        answer = {"Invalidation": _invalidation(paths)}
        self.stub.add_response("create_invalidation", answer)


def _invalidation(paths):
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": "r"}
    return {"Id": "I", "Status": "InProgress", "CreateTime": 0, "InvalidationBatch": batch}


@pytest.fixture
def world(monkeypatch):
    made = World()
    monkeypatch.setattr(app, "clients", lambda: made)
    return made


def run(files, before=None, action="update", distribution="E1", **more):
    life = {"action": action}
    if before is not None:
        life["prev_input"] = {"distribution": "E1", "files": before}
        life["prev_input"]["routes"] = more.get("routes_before", {})
    event = {"distribution": distribution, "files": files, "tf": life}
    event["routes"] = more.get("routes", {})
    return app.handler(event, None)["paths"]


def test_only_changed_and_deleted_paths_are_invalidated(world):
    world.expect()
    now = {"en/index.html": "2", "robots.txt": "1", "new.html": "1"}
    assert run(now, FILES) == ["/en/", "/en/index.html", "/en/post", "/en/post.html"]
    world.stub.assert_no_pending_responses()


def test_there_is_no_invalidation_if_nothing_can_be_stale(world):
    assert run(FILES, FILES) == []
    assert run(FILES, action="create") == []
    assert run(FILES, FILES, action="delete") == []
    assert run({}, FILES, distribution="E2") == []


def test_the_routes_of_a_changed_page_are_invalidated(world):
    world.expect()
    now = {**FILES, "en/post.html": "2"}
    paths = run(now, FILES, routes=ROUTES, routes_before=ROUTES)
    assert paths == ["/en/post", "/en/post.html", "/en/posts/*"]


def test_a_route_that_moves_to_another_page_or_ends_is_invalidated(world):
    world.expect()
    now = {"/en/posts/*": "/en/index.html"}
    assert run(FILES, FILES, routes=now, routes_before=ROUTES) == ["/en/app/*", "/en/posts/*"]
    assert run(FILES, FILES, routes=ROUTES) == []


def test_more_wildcards_than_cloudfront_accepts_become_one(world):
    world.expect()
    routes = {f"/{number}/*": "/en/post.html" for number in range(16)}
    assert run({**FILES, "en/post.html": "2"}, FILES, routes=routes, routes_before=routes) == ["/*"]


def test_very_many_paths_become_one_wildcard(world):
    world.expect()
    assert run({}, {f"{n}.html": "1" for n in range(1001)}) == ["/*"]


def test_each_deployment_has_its_own_reference_and_a_retry_has_the_same(world):
    uploads = [{"robots.txt": f"{content} version-{n}"} for n, content in enumerate("abab")]
    deployments = [*zip(uploads[1:], uploads, strict=False)]
    for now, before in [*deployments, deployments[-1]]:
        world.expect()
        assert run(now, before) == ["/robots.txt"]
    assert len({*world.references}) == len(deployments)
    assert world.references[-1] == world.references[-2]
