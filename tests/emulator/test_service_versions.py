"""Two versions of a service at one name, each with its own deployment."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from local.cloud import Cloud
from tests.emulator.cloud import until
from tests.emulator.tasks import PATIENCE
from tests.projects import copy_program

V1, V2 = "/v1/products/tea", "/v2/products/tea"
SUNSET = "Wed, 30 Jun 2027 00:00:00 GMT"


class Catalogue:
    """The service, and how often each version was asked."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.asked = Counter[str]()

    def get(self, path: str, address: str = "v1") -> tuple[dict, str | None]:
        """Return the answer and the header `Sunset`."""
        with urlopen(self.cloud.outputs[address] + path) as answer:
            self.asked[path.split("/")[1]] += 1
            return json.load(answer), answer.headers["Sunset"]

    def usage(self) -> Counter[str]:
        """Return how often each version was asked, by the metric of its target groups."""
        metrics, found = self.cloud.client("cloudwatch"), Counter[str]()
        metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount"}
        now = datetime.now(UTC)
        for each in metrics.list_metrics(**metric)["Metrics"]:
            names = {pair["Name"]: pair["Value"] for pair in each["Dimensions"]}
            group = re.match(r"targetgroup/catalogue-(v\d)-tg-", names.get("TargetGroup", ""))
            if group:
                points = metrics.get_metric_statistics(
                    **metric,
                    Dimensions=each["Dimensions"],
                    StartTime=now - timedelta(hours=1),
                    EndTime=now + timedelta(hours=1),
                    Period=3600,
                    Statistics=["Sum"],
                )["Datapoints"]
                found[group[1]] += int(sum(point["Sum"] for point in points))
        return found


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    project = copy_program("service_versions", tmp_path_factory.mktemp("service-versions"))
    with Cloud(program=project) as running:
        yield Catalogue(running)


def test_both_versions_answer_at_one_name_and_the_old_one_tells_its_end(catalogue: Catalogue):
    assert catalogue.get(V1) == ({"productId": "tea"}, SUNSET)
    assert catalogue.get(V2) == ({"id": "tea"}, None)


def test_the_second_version_has_the_same_address(catalogue: Catalogue):
    assert catalogue.get(V2, "v2") == ({"id": "tea"}, None)


def test_a_version_that_there_is_not_is_not_found(catalogue: Catalogue):
    with pytest.raises(HTTPError, match="HTTP Error 404") as caught:
        catalogue.get("/v3/products/tea")
    caught.value.close()


def test_each_version_counts_its_requests(catalogue: Catalogue):
    for path in (V1, V1, V1, V2):
        catalogue.get(path)
    until(lambda: catalogue.usage() == catalogue.asked, PATIENCE)
    assert catalogue.asked["v1"] >= 3 and catalogue.asked["v2"] >= 1


def test_a_version_is_deployed_without_the_other_one(catalogue: Catalogue):
    ecs = catalogue.cloud.client("ecs")
    services = [
        ecs.describe_services(cluster=cluster, services=[service])["services"][0]
        for cluster in ecs.list_clusters()["clusterArns"]
        for service in ecs.list_services(cluster=cluster)["serviceArns"]
    ]
    groups = [
        {each["targetGroupArn"].split("/")[1][:12] for each in service["loadBalancers"]}
        for service in services
    ]
    assert sorted(map(sorted, groups)) == [["catalogue-v1"], ["catalogue-v2"]]
