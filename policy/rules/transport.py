"""All traffic uses TLS."""

from collections.abc import Iterator

from .resource_types import RESOURCE_TYPES, resource_type
from .rule import Resource, Rule

POLICIES = {each.tls_policy for each in RESOURCE_TYPES.values() if each.tls_policy}
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
LISTENER = "aws:lb/listener:Listener"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


def _has_policy(resource: Resource) -> Iterator[str]:
    wanted = resource_type(resource.type).tls_policy
    if wanted and not resource.settings(wanted):
        yield f"has no {wanted.rpartition(':')[2]}; add one that denies requests without TLS"


def _tls_only(resource: Resource) -> Iterator[str]:
    if resource.type not in POLICIES or not resource.has("policy"):
        return
    if not any(_denies_plain(statement) for statement in resource.statements()):
        yield "allows requests without TLS; deny requests with aws:SecureTransport false"


def _denies_plain(statement: dict[str, object]) -> bool:
    condition = statement.get("Condition")
    plain = condition.get("Bool", {}) if isinstance(condition, dict) else {}
    return statement.get("Effect") == "Deny" and plain.get("aws:SecureTransport") in (
        "false",
        False,
    )


def _https(resource: Resource) -> Iterator[str]:
    if resource.type == DISTRIBUTION:
        behaviors = [resource["defaultCacheBehavior"], *resource.items("orderedCacheBehaviors")]
        if any(each and each.get("viewerProtocolPolicy") == "allow-all" for each in behaviors):
            yield "serves HTTP; set viewerProtocolPolicy to redirect-to-https or https-only"
    elif resource.type == REPLICATION_GROUP and not resource.has("transitEncryptionEnabled"):
        yield "accepts connections without TLS; set transitEncryptionEnabled"


def _https_listeners(resource: Resource) -> Iterator[str]:
    """Within a network, security groups say who may call: its names have no public certificate."""
    if resource.type != LOAD_BALANCER or resource["internal"]:
        return
    for listener in resource.settings(LISTENER):
        redirects = listener["defaultActions.redirect.protocol"] == "HTTPS"
        if listener["protocol"] == "HTTP" and not redirects:
            yield "serves HTTP to the internet; use HTTPS, or redirect to it"


RULES = (
    Rule("tls-policy", "Every bucket, queue and topic has a resource policy.", _has_policy, True),
    Rule("tls-only", "Resource policies deny requests without TLS.", _tls_only),
    Rule("https", "Distributions and caches use TLS.", _https),
    Rule("https-listener", "The internet reaches load balancers by TLS.", _https_listeners, True),
)
