"""A public image can be read by its digest, as by the function that pushes images."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from local.emulator.services.public_images import DIGEST, here
from tests.emulator.images import digest_of

PINNED = f"https://public.ecr.aws/docker/library/python:3.13-slim@sha256:{'1' * 64}"


def read(cloud, kind: str, digest: str) -> bytes:
    url = f"{cloud.emulator.endpoint}/v2/public.ecr.aws/docker/library/python/{kind}/{digest}"
    with urlopen(url) as answer:
        return answer.read()


def test_all_parts_have_their_digests(cloud):
    index = read(cloud, "manifests", DIGEST)
    assert digest_of(index) == DIGEST
    manifests = json.loads(index)["manifests"]
    assert [each["platform"]["architecture"] for each in manifests] == ["amd64", "arm64"]
    for each in manifests:
        manifest = json.loads(read(cloud, "manifests", each["digest"]))
        for blob in (manifest["config"], *manifest["layers"]):
            content = read(cloud, "blobs", blob["digest"])
            assert (digest_of(content), len(content)) == (blob["digest"], blob["size"])


def test_references_to_public_images_name_it():
    made = here(f'{{"base_image": "{PINNED}"}}', "http://127.0.0.1:4566")
    address = "http://127.0.0.1:4566/public.ecr.aws/docker/library/python:3.13-slim"
    assert json.loads(made) == {"base_image": f"{address}@{DIGEST}"}
    assert here("https://public.ecr.aws/docker/library/python:3.13-slim", "") == (
        "https://public.ecr.aws/docker/library/python:3.13-slim"
    )


def test_stock_has_no_public_images(stock):
    with pytest.raises(HTTPError):
        read(stock, "manifests", DIGEST)
