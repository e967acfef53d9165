"""CloudFront's types, read back from the embedded AWS and used by viewers."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.emulator.gateway import call
from tests.emulator.test_creators_services import change
from tests.projects import copy_program


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Iterator[Cloud]:
    with Cloud(program=copy_program("edge_types", tmp_path_factory.mktemp("edge"))) as cloud:
        yield cloud


def test_the_distribution_has_the_arguments_of_the_program(made):
    site = made.find("aws:cloudfront/distribution:Distribution", "site")
    front = made.client("cloudfront")
    found = front.get_distribution(Id=site.id)["Distribution"]
    config = found["DistributionConfig"]
    assert site.outputs["domainName"] == found["DomainName"]
    assert (config["HttpVersion"], config["IsIPV6Enabled"]) == ("http2and3", True)
    assert config["Restrictions"]["GeoRestriction"]["Items"] == ["AQ"]
    assert config["CustomErrorResponses"]["Items"][0]["ErrorCachingMinTTL"] == 1
    default, paid = config["DefaultCacheBehavior"], config["CacheBehaviors"]["Items"][0]
    assert default["Compress"] is True and default["AllowedMethods"]["Quantity"] == 2
    group = made.find("aws:cloudfront/keyGroup:KeyGroup")
    assert paid["TrustedKeyGroups"] == {"Enabled": True, "Quantity": 1, "Items": [group.id]}
    key = made.find("aws:cloudfront/publicKey:PublicKey")
    assert front.get_key_group(Id=group.id)["KeyGroup"]["KeyGroupConfig"]["Items"] == [key.id]
    tags = front.list_tags_for_resource(Resource=site.outputs["arn"])["Tags"]["Items"]
    assert {"Key": "kind", "Value": "site"} in tags


def test_the_distribution_has_a_local_address(made):
    url = made.outputs["url"]
    assert url.startswith("http://localhost:")
    made.client("s3").put_object(
        Bucket=made.outputs["bucket"], Key="new.html", Body="hello", CacheControl="max-age=60"
    )
    answer = call(f"{url}/old")
    assert (answer.status, answer.text) == (200, "hello")
    assert answer.headers["strict-transport-security"] == "max-age=60; includeSubDomains"
    assert answer.headers["permissions-policy"] == "camera=()"
    answers = [call(f"{url}/", Authorization=user) for user in ("ann", "bob", "ann")]
    told = [each.headers["x-cache"].split(" ")[0] for each in answers]
    assert told == ["Miss", "Miss", "Hit"]


def test_the_vpc_origin_has_the_arguments_of_the_program(made):
    front = made.client("cloudfront")
    origin = made.find("aws:cloudfront/vpcOrigin:VpcOrigin")
    found = front.get_vpc_origin(Id=origin.id)["VpcOrigin"]
    config = found["VpcOriginEndpointConfig"]
    assert config["Arn"] == made.find("aws:lb/loadBalancer:LoadBalancer").id
    assert (config["HTTPPort"], config["OriginProtocolPolicy"]) == (8080, "http-only")
    assert config["OriginSslProtocols"]["Items"] == ["TLSv1.2"]
    tags = front.list_tags_for_resource(Resource=origin.outputs["arn"])["Tags"]["Items"]
    assert {"Key": "kind", "Value": "site"} in tags
    other = origin.inputs["vpcOriginEndpointConfig"] | {"httpPort": 80}
    changed = change(made, "VpcOrigin", "origin", vpcOriginEndpointConfig=other)
    assert changed["etag"] != origin.outputs["etag"]
    ports = front.get_vpc_origin(Id=origin.id)["VpcOrigin"]["VpcOriginEndpointConfig"]
    assert ports["HTTPPort"] == 80


def test_additional_metrics_are_turned_on(made):
    site = made.find("aws:cloudfront/distribution:Distribution", "site")
    answer = made.client("cloudfront").get_monitoring_subscription(DistributionId=site.id)
    config = answer["MonitoringSubscription"]["RealtimeMetricsSubscriptionConfig"]
    assert config["RealtimeMetricsSubscriptionStatus"] == "Enabled"
