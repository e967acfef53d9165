"""A behavior with trusted key groups requires a signature; others do not."""

import time

import pytest
from signed_content_distribution._shared.cloudfront_links import Links, Terms

from local.emulator import Emulator
from tests.emulator.cloud import Cloud
from tests.emulator.edge import Edge
from tests.emulator.gateway import call
from tests.handlers.signed_content_distribution.keys import pair

FILES = {"film/1.mp4": "0123456789", "film/hls/index.m3u8": "#EXTM3U", "open/a.txt": "for all"}


class GuardedEdge(Edge):
    """All paths except `open/` require a signature."""

    def __init__(self, cloud, **more):
        super().__init__(cloud, FILES, **more)
        cf = cloud.client("cloudfront")
        key = {"CallerReference": "1", "Name": "k", "EncodedKey": pair("ECDSA").public_pem}
        made = cf.create_public_key(PublicKeyConfig=key)["PublicKey"]["Id"]
        group = cf.create_key_group(KeyGroupConfig={"Name": "g", "Items": [made]})["KeyGroup"]["Id"]
        found = cf.get_distribution_config(Id=self.id)
        config = found["DistributionConfig"]
        behavior = config["DefaultCacheBehavior"]
        config["CacheBehaviors"] = {"Quantity": 1, "Items": [{**behavior, "PathPattern": "open/*"}]}
        groups = {"Enabled": True, "Quantity": 1, "Items": [group]}
        config["DefaultCacheBehavior"] = {**behavior, "TrustedKeyGroups": groups}
        cf.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=config)
        self.links = Links(made, pair("ECDSA").signer())

    def link(self, path, seconds=60, **terms):
        return self.links.url(f"{self.url}/{path}", Terms(int(time.time()) + seconds, **terms))


def test_only_signed_requests_are_served(cloud):
    edge = GuardedEdge(cloud)
    refused = call(f"{edge.url}/film/1.mp4")
    assert (refused.status, refused.headers["content-type"]) == (403, "application/xml")
    assert "<Code>MissingKey</Code>" in refused.text
    assert call(edge.link("film/1.mp4")).text == "0123456789"
    assert call(edge.link("film/1.mp4"), "HEAD").status == 200
    assert call(edge.link("film/1.mp4", seconds=-1)).status == 403
    assert call(edge.link("film/1.mp4").replace("1.mp4", "2.mp4")).status == 403
    assert call(f"{edge.url}/open/a.txt").text == "for all"


def test_cached_objects_need_a_signature_too(cloud):
    edge = GuardedEdge(cloud)
    first, second = edge.link("film/1.mp4"), edge.link("film/1.mp4", seconds=90)
    assert call(first).headers["x-cache"] == "Miss from cloudfront"
    assert call(second).headers["x-cache"] == "Hit from cloudfront"  # one object for all viewers
    assert call(f"{edge.url}/film/1.mp4").status == 403
    part = call(second, range="bytes=2-4")
    assert (part.status, part.text) == (206, "234")


def test_cookies_and_ip_addresses(cloud):
    edge = GuardedEdge(cloud)
    terms = Terms(int(time.time()) + 60, address="127.0.0.1")
    cookies = edge.links.grant(f"{edge.url}/film/hls/*", terms).cookies
    header = "; ".join(f"{name}={value}" for name, value in {"a": "b=c", **cookies}.items())
    assert call(f"{edge.url}/film/hls/index.m3u8", cookie=header).text == "#EXTM3U"
    assert call(f"{edge.url}/film/1.mp4", cookie=header).status == 403
    assert call(edge.link("film/1.mp4", address="192.0.2.1")).status == 403


@pytest.fixture(scope="module")
def unpatched():
    with Emulator(unpatched={"edge_signatures"}) as emulator:
        yield emulator


def test_stock_serves_everyone(unpatched):
    assert call(f"{GuardedEdge(Cloud(unpatched)).url}/film/1.mp4").status == 200
