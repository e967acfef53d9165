"""A PUT request to the edge writes to the bucket if the bucket's policy allows it."""

import json

import pytest

from local.emulator import Emulator
from tests.emulator.cloud import Cloud
from tests.emulator.edge import UNCACHED, Edge
from tests.emulator.gateway import call


class WritableEdge(Edge):
    """A bucket whose distribution can write below `in/` and read nothing."""

    def __init__(self, cloud, **more):
        super().__init__(cloud, {"in/old.txt": "old"}, policy=UNCACHED, **more)
        cf = cloud.client("cloudfront")
        found = cf.get_distribution_config(Id=self.id)
        config = found["DistributionConfig"]
        methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
        config["DefaultCacheBehavior"]["AllowedMethods"] = {"Quantity": 7, "Items": methods}
        cf.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=config)

    def _admit(self, arn, source=None):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::pages/in/*",
            "Condition": {"ArnEquals": {"aws:SourceArn": source or arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._s3.put_bucket_policy(Bucket="pages", Policy=policy)

    def text(self, key):
        return self._s3.get_object(Bucket="pages", Key=key)["Body"].read().decode()


def test_a_put_writes_to_the_bucket(cloud):
    edge = WritableEdge(cloud)
    answer = call(f"{edge.url}/in/a%20b.txt", "PUT", "new")
    assert (answer.status, answer.headers["x-cache"]) == (200, "Miss from cloudfront")
    assert edge.text("in/a b.txt") == "new"


def test_the_policy_of_the_bucket_is_enforced(cloud):
    edge = WritableEdge(cloud)
    assert call(f"{edge.url}/out/a.txt", "PUT", "x").status == 403
    assert call(f"{edge.url}/in/old.txt").status == 403  # no object can be read
    for method in ("DELETE", "POST", "PATCH"):
        assert call(f"{edge.url}/in/old.txt", method, "x").status == 403
    edge._admit(None, source="arn:aws:cloudfront::000000000000:distribution/OTHER")
    assert call(f"{edge.url}/in/old.txt", "PUT", "x").status == 403
    assert edge.text("in/old.txt") == "old"


@pytest.fixture(scope="module")
def unpatched():
    with Emulator(unpatched={"edge_uploads"}) as emulator:
        yield emulator


def test_stock_writes_nothing(unpatched):
    edge = WritableEdge(Cloud(unpatched))
    assert call(f"{edge.url}/in/old.txt", "PUT", "new").status == 403
    assert edge.text("in/old.txt") == "old"
