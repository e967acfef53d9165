"""The name of a service has an address that every program on this machine can reach."""

import json
from urllib.parse import urlsplit

import pytest

from tests.emulator.balancer import Balancer
from tests.emulator.cloud import until
from tests.emulator.services import get

NAME = "catalogue.services.internal"


class Zone:
    """A private zone with records."""

    def __init__(self, cloud):
        self.client = cloud.client("route53")
        made = self.client.create_hosted_zone(
            Name="services.internal",
            CallerReference="1",
            VPC={"VPCId": "vpc-1", "VPCRegion": "us-east-1"},
        )
        self.id = made["HostedZone"]["Id"]

    def change(self, target: str, action: str = "UPSERT", name: str = NAME) -> dict[str, str]:
        """Change an alias record and return the addresses of the names."""
        alias = {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": False}
        record = {"Name": name, "Type": "A", "AliasTarget": alias}
        change = {"Action": action, "ResourceRecordSet": record}
        made = self.client.change_resource_record_sets(
            HostedZoneId=self.id, ChangeBatch={"Changes": [change]}
        )
        headers = made["ResponseMetadata"]["HTTPHeaders"]
        return json.loads(headers.get("x-record-urls", "null"))


def add_rule(balancer: Balancer) -> None:
    text = {"ContentType": "application/json", "StatusCode": "200", "MessageBody": '{"ok": 1}'}
    balancer.client.create_rule(
        ListenerArn=balancer.listener,
        Priority=1,
        Conditions=[{"Field": "host-header", "Values": [NAME]}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": text}],
    )


def test_requests_at_the_address_have_the_name(balancer):
    urls = Zone(balancer.cloud).change(f"dualstack.{balancer.name}.")
    assert list(urls) == [NAME] and urlsplit(urls[NAME]).hostname == "127.0.0.1"
    assert get(urls[NAME])[0] == 503
    add_rule(balancer)
    assert get(urls[NAME]) == (200, {"ok": 1})


def test_the_address_of_a_deleted_record_is_closed(balancer):
    zone = Zone(balancer.cloud)
    url = zone.change(balancer.name)[NAME]
    zone.change(balancer.name, "DELETE")

    def refused() -> bool:
        try:
            get(url)
        except OSError:
            return True
        return False

    until(refused)


def test_a_record_that_stays_keeps_its_address(balancer):
    zone = Zone(balancer.cloud)
    url = zone.change(balancer.name)[NAME]
    assert list(zone.change(balancer.name, name="prices.services.internal")) == [
        "prices.services.internal"
    ]
    add_rule(balancer)
    assert get(url)[0] == 200


def test_a_record_that_changes_its_load_balancer(balancer):
    zone = Zone(balancer.cloud)
    made = balancer.client.create_load_balancer(Name="old", Subnets=["subnet-1"])
    url = zone.change(made["LoadBalancers"][0]["DNSName"])[NAME]
    assert get(url)[0] == 503
    add_rule(balancer)
    assert get(zone.change(balancer.name)[NAME])[0] == 200


def test_other_records_have_none(balancer):
    assert Zone(balancer.cloud).change("d111.cloudfront.net") == {}


@pytest.mark.parametrize("given", ["evil.example", "prices.services.internal"])
def test_other_names_are_refused(balancer, given):
    zone = Zone(balancer.cloud)
    balancer.url = zone.change(balancer.name)[NAME]
    assert balancer.get(host=given)[0] == 403


def test_stock_gives_a_record_no_address(stock):
    balancer = Balancer(stock)
    assert Zone(stock).change(balancer.name) is None
