"""Layers that are pushed with ECR's own API can be read back."""

import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.emulator.images import digest_of, push_layer


@pytest.fixture
def ecr(cloud):
    client = cloud.client("ecr")
    client.create_repository(repositoryName="shop/catalogue")
    return client


def availability(ecr, digest: str) -> tuple[str, int]:
    found = ecr.batch_check_layer_availability(
        repositoryName="shop/catalogue", layerDigests=[digest]
    )["layers"][0]
    return found["layerAvailability"], found["layerSize"]


def test_a_pushed_layer_is_available_and_can_be_downloaded(ecr):
    assert availability(ecr, digest_of(b"content")) == ("UNAVAILABLE", 0)
    digest = push_layer(ecr, "shop/catalogue", b"content")
    assert availability(ecr, digest) == ("AVAILABLE", 7)
    url = ecr.get_download_url_for_layer(repositoryName="shop/catalogue", layerDigest=digest)
    with urllib.request.urlopen(url["downloadUrl"]) as answer:
        assert answer.read() == b"content"


def test_parts_of_a_layer_are_joined_and_must_not_have_gaps(ecr):
    upload = ecr.initiate_layer_upload(repositoryName="shop/catalogue")["uploadId"]
    known = {"repositoryName": "shop/catalogue", "uploadId": upload}
    ecr.upload_layer_part(partFirstByte=0, partLastByte=2, layerPartBlob=b"con", **known)
    with pytest.raises(ClientError, match="InvalidLayerPartException"):
        ecr.upload_layer_part(partFirstByte=5, partLastByte=6, layerPartBlob=b"nt", **known)
    ecr.upload_layer_part(partFirstByte=3, partLastByte=6, layerPartBlob=b"tent", **known)
    ecr.complete_layer_upload(layerDigests=[digest_of(b"content")], **known)
    assert availability(ecr, digest_of(b"content")) == ("AVAILABLE", 7)


def test_a_layer_with_another_digest_is_refused(ecr):
    upload = ecr.initiate_layer_upload(repositoryName="shop/catalogue")["uploadId"]
    known = {"repositoryName": "shop/catalogue", "uploadId": upload}
    ecr.upload_layer_part(partFirstByte=0, partLastByte=2, layerPartBlob=b"abc", **known)
    with pytest.raises(ClientError, match="InvalidLayerException"):
        ecr.complete_layer_upload(layerDigests=[digest_of(b"content")], **known)


def test_stock_forgets_a_pushed_layer(stock):
    client = stock.client("ecr")
    client.create_repository(repositoryName="shop/catalogue")
    digest = push_layer(client, "shop/catalogue", b"content")
    assert availability(client, digest)[0] == "UNAVAILABLE"
