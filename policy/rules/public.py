"""No resource is open to the internet by mistake."""

from collections.abc import Iterator, Mapping
from typing import Any

from .policies import RESOURCE_POLICIES, allowing, allows_anyone, is_wild, names_nothing
from .rule import Resource, Rule, as_list

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
SETTINGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ANYONE = ("0.0.0.0/0", "::/0")
WEB_PORTS = (80, 443)
EVENT_PERMISSION = "aws:cloudwatch/eventPermission:EventPermission"
# Types with a principal, and the inputs that say who calls if it is everyone.
PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    EVENT_PERMISSION: ("condition",),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": ("organizationId",),
    "aws:lambda/permission:Permission": ("principalOrgId", "sourceAccount", "sourceArn"),
}
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
RULE_TYPES = (
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
SOURCES = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")


def _blocked(resource: Resource) -> Iterator[str]:
    if resource.type == BUCKET and not resource.settings(BLOCK):
        yield "has no BucketPublicAccessBlock; add one with all four settings on"


def _all_blocked(resource: Resource) -> Iterator[str]:
    if resource.type == BLOCK:
        off = [each for each in SETTINGS if not resource.has(each)]
        if off:
            yield f"allows public access; set {', '.join(off)}"


def _no_anyone(resource: Resource) -> Iterator[str]:
    if any(map(allows_anyone, allowing(resource, RESOURCE_POLICIES))):
        yield "allows anyone; name a principal, or add a condition that says who calls"
    narrowing = PERMISSIONS.get(resource.type)
    if narrowing and is_wild(str(resource["principal"])):
        given = [str(resource[each]) for each in narrowing if resource.has(each)]
        if not given or all(map(names_nothing, given)):
            yield f"allows anyone; name a principal, or set {' or '.join(narrowing)}"


def _authorized_url(resource: Resource) -> Iterator[str]:
    if resource.type == FUNCTION_URL and resource["authorizationType"] != "AWS_IAM":
        yield "lets anyone invoke the function; set authorizationType to AWS_IAM"


def _closed_ports(resource: Resource) -> Iterator[str]:
    for rule in _ingress(resource):
        ports = (rule.get("fromPort"), rule.get("toPort"))
        if ports[0] != ports[1] or ports[0] not in WEB_PORTS:
            yield f"opens ports {ports[0]} to {ports[1]} to the internet; restrict the sources"


def _ingress(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """Yield the rules of a security group that allow traffic from anywhere."""
    found: list[Mapping[str, Any]] = []
    if resource.type == "aws:ec2/securityGroup:SecurityGroup":
        found = resource.items("ingress")
    elif resource.type in RULE_TYPES and resource["type"] in (None, "ingress"):
        found = [resource.properties]
    for rule in found:
        sources = [each for key in SOURCES for each in as_list(rule.get(key))]
        if any(source in ANYONE for source in sources):
            yield rule


def _private_database(resource: Resource) -> Iterator[str]:
    if resource.type.startswith("aws:rds/") and resource.has("publiclyAccessible"):
        yield "has a public address; set publiclyAccessible to false"


RULES = (
    Rule("public-access-block", "Every bucket has a public access block.", _blocked, True),
    Rule("public-access-blocked", "A public access block has all settings on.", _all_blocked),
    Rule("no-anyone", "No policy of a resource or a role allows anyone.", _no_anyone),
    Rule("authorized-url", "URLs of functions need a signature.", _authorized_url),
    Rule("closed-ports", "Only web ports are open to the internet.", _closed_ports),
    Rule("private-database", "Databases have no public address.", _private_database),
)
