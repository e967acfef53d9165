"""A rotation of signing keys, step by step, with issued links at the edge.

The steps are those of docs/paid-content.md. Local mode always deploys a new stack. So the changes
of each step are taken from the component's graph and applied with boto3 in one emulator, in the
order of Pulumi: create, update, then delete.
"""

import base64
import time
from collections.abc import Iterator

import pytest
from signed_content_distribution._shared.cloudfront_links import KmsSigner, Links, Terms

from components import SignedContentDistribution
from local.cloud import Cloud
from tests.conftest import Build, Built
from tests.emulator.gateway import call
from tests.projects import PYTHON, ROOT


class Stack:
    """The keys of one stack on the emulator."""

    def __init__(self, cloud: Cloud, build: Build) -> None:
        self._cloud, self._build = cloud, build
        self._cf, self._kms = cloud.client("cloudfront"), cloud.client("kms")
        self._arns: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        """Return CloudFront's ID of each key, by name."""
        distribution = cloud.find("aws:cloudfront/distribution:Distribution", "videos-distribution")
        behavior = distribution.inputs["defaultCacheBehavior"]
        (self._group,) = behavior["trustedKeyGroups"]
        self.links = Links("", KmsSigner(self._kms, "", "ECDSA_SHA_256"))
        """Sign as the function does after the last `up`."""

    def up(self, key_a: int, key_b: int, slot: str) -> None:
        graph = self._graph(key_a, key_b, slot)
        wanted = {each.id: each for each in graph.of("PublicKey")}
        names = {each.outputs["arn"]: each.name for each in graph.of("Key")}
        for name in names.values():
            if name not in self._arns:
                self._create(name)
        (group,) = graph.of("KeyGroup")
        self._trust([self._public(wanted[each].name) for each in group.inputs["items"]])
        function = graph.one("videos-api-function-links", "Function")
        variables = function.inputs["environment"]["variables"]
        key_id = self._public(wanted[variables["KEY_ID"]].name)
        arn = self._arns[names[variables["SIGNING_KEY_ARN"]]]
        signer = KmsSigner(self._kms, arn, variables["SIGNING_ALGORITHM"])
        self.links = Links(key_id, signer)
        for name in set(self._arns) - set(names.values()):
            self._delete(name)

    def _graph(self, key_a: int, key_b: int, slot: str) -> Built:
        args = {
            "openapi": (ROOT / "apis" / "videos.yaml").read_text(),
            "app_url": "https://app.example.com",
            "signing": {
                "key_a": {"generation": key_a},
                "key_b": {"generation": key_b},
                "slot": slot,
            },
            "functions": {"python": PYTHON},
        }
        return self._build(lambda: SignedContentDistribution("videos", args))

    def _public(self, name: str) -> str:
        return self.ids[name.replace("public-key", "key")]

    def _create(self, name: str) -> None:
        key = self._kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self._arns[name] = arn = key["KeyMetadata"]["Arn"]
        der = base64.encodebytes(self._kms.get_public_key(KeyId=arn)["PublicKey"]).decode()
        pem = f"-----BEGIN PUBLIC KEY-----\n{der}-----END PUBLIC KEY-----\n"
        config = {"CallerReference": name, "Name": name, "EncodedKey": pem}
        self.ids[name] = self._cf.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]

    def _trust(self, ids: list[str]) -> None:
        found = self._cf.get_key_group(Id=self._group)
        config = {**found["KeyGroup"]["KeyGroupConfig"], "Items": ids}
        self._cf.update_key_group(Id=self._group, IfMatch=found["ETag"], KeyGroupConfig=config)

    def _delete(self, name: str) -> None:
        """CloudFront rejects this for a key that is in a group."""
        key_id = self.ids.pop(name)
        etag = self._cf.get_public_key(Id=key_id)["ETag"]
        self._cf.delete_public_key(Id=key_id, IfMatch=etag)
        self._kms.schedule_key_deletion(KeyId=self._arns.pop(name), PendingWindowInDays=7)


@pytest.fixture(scope="module")
def videos() -> Iterator[Cloud]:
    """A separate stack, so that links of other tests do not end with its keys."""
    with Cloud(systems=["videos"]) as running:
        bucket = running.outputs["videos"]["contentBucket"]
        running.client("s3").put_object(Bucket=bucket, Key="film/1.mp4", Body=b"a film")
        yield running


def test_issued_links_stay_valid_while_keys_rotate(videos: Cloud, build: Build):
    stack, url = Stack(videos, build), f"{videos.outputs['videos']['siteUrl']}/film/1.mp4"

    def link() -> str:
        return stack.links.url(url, Terms(int(time.time()) + 600))

    def statuses(*links: str) -> list[int]:
        return [call(each).status for each in links]

    stack.up(1, 0, "a")
    first = link()
    assert statuses(first) == [200]

    stack.up(1, 1, "a")  # the first of two steps: the new key is trusted, the old one still signs
    second = link()
    assert "a1" in by_key(stack, second) and statuses(first, second) == [200, 200]

    stack.up(1, 1, "b")  # the second step: the new key signs
    third = link()
    assert "b1" in by_key(stack, third) and statuses(first, second, third) == [200, 200, 200]

    stack.up(2, 1, "b")  # the next rotation replaces the oldest key
    assert statuses(first, second, third) == [403, 403, 200]
    assert "<Code>InvalidKey</Code>" in call(first).text
    stack.up(2, 1, "a")
    fourth = link()
    assert "a2" in by_key(stack, fourth) and statuses(third, fourth) == [200, 200]

    stack.up(2, 0, "a")  # after a leak: the links of one key end immediately
    assert statuses(third, fourth) == [403, 200]


def by_key(stack: Stack, link: str) -> str:
    """Return the name of the key that signed a link."""
    names = {key_id: name for name, key_id in stack.ids.items()}
    return names[link.split("Key-Pair-Id=")[1].split("&")[0]]
