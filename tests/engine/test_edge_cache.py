"""The life of an EdgeCache on Pulumi's engine: the load balancer is the same before and after."""

import shutil
from typing import Any

import pytest

from tests.engine.accounts import ROOT, Account, Done
from tests.engine.projects import Project
from tests.projects import PROGRAMS


class Application:
    """A load balancer that runs already, with a listener at two ports and a group."""

    def __init__(self, account: Account) -> None:
        self._ec2, self._elb = account.client("ec2"), account.client("elbv2")
        vpc = self._ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self._ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.group = self._ec2.create_security_group(
            GroupName="updates", Description="Updates", VpcId=vpc
        )["GroupId"]
        self.arn = self._elb.create_load_balancer(
            Name="updates", Subnets=[subnet], SecurityGroups=[self.group], Scheme="internal"
        )["LoadBalancers"][0]["LoadBalancerArn"]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        for port in (80, 8080):
            self._elb.create_listener(
                LoadBalancerArn=self.arn, Protocol="HTTP", Port=port, DefaultActions=[answer]
            )

    def state(self) -> list[Any]:
        """Return what AWS says about it, without the rules of its group."""
        found = self._elb.describe_load_balancers(LoadBalancerArns=[self.arn])["LoadBalancers"]
        attributes = self._elb.describe_load_balancer_attributes(LoadBalancerArn=self.arn)
        listeners = self._elb.describe_listeners(LoadBalancerArn=self.arn)["Listeners"]
        tags = self._elb.describe_tags(ResourceArns=[self.arn])["TagDescriptions"]
        return [found, attributes["Attributes"], listeners, tags]

    def rules(self) -> list[Any]:
        """Return the rules of its group that let callers in."""
        found = self._ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"][0]
        return list(found["IpPermissions"])


class Edge(Project):
    """The program `edge`."""

    def __init__(self, account: Account, application: Application) -> None:
        folder = account.folder / "edge"
        shutil.copytree(PROGRAMS / "edge", folder)
        (folder / "Pulumi.yaml").write_text("name: edge\nruntime: python\n")
        (folder / "components").symlink_to(ROOT / "components")
        super().__init__(account, folder)
        self._arn = application.arn
        self.configure()

    def configure(self, port: int = 80) -> None:
        """Write the settings of the stack."""
        (self.folder / "Pulumi.dev.yaml").write_text(
            "config:\n"
            "  aws:region: us-east-1\n"
            f"  edge:balancer: {self._arn}\n"
            f'  edge:port: "{port}"\n'
        )

    def origins(self) -> list[dict[str, Any]]:
        """Return the VPC origins of the account."""
        listed = self._account.client("cloudfront").list_vpc_origins()["VpcOriginList"]
        return list(listed.get("Items", []))

    def used(self, distribution: str) -> str:
        """Return the ID of the VPC origin that the distribution uses."""
        front = self._account.client("cloudfront")
        config = front.get_distribution_config(Id=distribution)["DistributionConfig"]
        return str(config["Origins"]["Items"][0]["VpcOriginConfig"]["VpcOriginId"])


@pytest.fixture(scope="module")
def application(account: Account) -> Application:
    return Application(account)


@pytest.fixture(scope="module")
def before(application: Application) -> list[Any]:
    assert application.rules() == []
    return application.state()


@pytest.fixture(scope="module")
def edge(account: Account, application: Application, before: list[Any]) -> Edge:
    return Edge(account, application)


@pytest.fixture(scope="module")
def up(edge: Edge) -> Done:
    made = edge.run("dev", "up")
    assert made.succeeded, made.printed
    return made


def test_only_a_rule_is_added_to_the_application(application: Application, before, up: Done):
    assert application.state() == before
    assert [(each["FromPort"], each["ToPort"]) for each in application.rules()] == [(80, 80)]


def test_a_second_preview_has_no_changes(edge: Edge, up: Done):
    done = edge.run("dev", "preview", expect_no_changes=True)
    assert done.succeeded, done.printed


def test_another_port_replaces_the_vpc_origin(
    edge: Edge, application: Application, before, up: Done
):
    [old] = edge.origins()
    edge.configure(port=8080)
    done = edge.run("dev", "up")
    assert done.succeeded, done.printed
    [new] = edge.origins()
    assert old["Id"] != new["Id"] == edge.used(up.outputs["id"])
    assert "replace" in done.changes["edge-origin"]
    assert "replace" not in done.changes["edge-distribution"]
    assert [each["FromPort"] for each in application.rules()] == [8080]
    assert application.state() == before


def test_destroy_leaves_the_application(
    account: Account, edge: Edge, application: Application, before, up: Done
):
    done = edge.run("dev", "destroy")
    assert done.succeeded, done.printed
    assert account.leftovers() == [] and edge.origins() == []
    assert application.state() == before and application.rules() == []
