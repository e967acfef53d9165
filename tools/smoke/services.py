"""Checks of the services: a product of the catalogue is priced through load balancer and cache.

The load balancer and the database are private, so that the checks reach them through the API of
prices only.
"""

from collections.abc import Sequence
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from .checks import Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import Answer, call


class Services(SystemChecks):
    """The checks of the system `services`."""

    name = "services"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("prices refuse a request without a signature", self._unsigned),
            Check("a product is priced by catalogue and cache", self._price, 120),
            Check("all tasks of the catalogue run", self._tasks, 180),
            Check("all instances of the ledger are in service", self._instances, 180),
        ]

    def _unsigned(self) -> None:
        call(self._address()).expect(403)

    def _price(self) -> str:
        key = {"productId": {"S": self._deployed.run}}
        item: dict[str, Any] = {
            **key,
            "name": {"S": "Smoke test"},
            **{name: {"N": "1"} for name in ("version", "priceCents")},
            "sold": {"N": "0"},
        }
        self.remove_later(
            f"product {self._deployed.run}",
            lambda: self._deployed.delete_row("productsTable", key),
        )
        table = self._deployed["productsTable"]
        self._deployed.client("dynamodb").put_item(TableName=table, Item=item)
        self._signed("quantity=10").expect(200)
        cached = self._signed("quantity=10").expect(200).json
        if (cached["totalCents"], cached["source"]) != (9, "cache"):
            raise Failed(f"the second price is {cached}")
        return "from the cache"

    def _tasks(self) -> str:
        cluster, service = self._deployed["catalogueCluster"], self._deployed["catalogueService"]
        ecs = self._deployed.client("ecs")

        def running() -> str:
            answer = ecs.describe_services(cluster=cluster, services=[service])
            (found,) = answer["services"]
            count = found["runningCount"]
            return f"{count} tasks" if 0 < found["desiredCount"] <= count else ""

        return self.clock.until(running, "the tasks")

    def _instances(self) -> str:
        group = self._deployed["ledgerGroup"]
        scaling = self._deployed.client("autoscaling")

        def in_service() -> str:
            answer = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
            (found,) = answer["AutoScalingGroups"]
            states = [(each["LifecycleState"], each["HealthStatus"]) for each in found["Instances"]]
            ready = states.count(("InService", "Healthy"))
            return f"{ready} instances" if 0 < found["DesiredCapacity"] <= ready else ""

        return self.clock.until(in_service, "the instances")

    def _address(self, query: str = "quantity=1") -> str:
        return f"{self._deployed['pricesUrl']}/prices/{self._deployed.run}?{query}"

    def _signed(self, query: str) -> Answer:
        """Ask for a price with the credentials of the shell."""
        url, credentials = self._address(query), boto3.Session().get_credentials()
        if credentials is None:
            raise Failed("there are no AWS credentials to sign the request with")
        request = AWSRequest("GET", url)
        SigV4Auth(credentials, "execute-api", self._deployed.region).add_auth(request)
        return call(url, "GET", None, **dict(request.headers))
