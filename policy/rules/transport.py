"""Nothing is reached without TLS."""

from collections.abc import Iterator

from .rule import Resource, Rule

POLICY_OF = {
    "aws:s3/bucket:Bucket": "aws:s3/bucketPolicy:BucketPolicy",
    "aws:sns/topic:Topic": "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queue:Queue": "aws:sqs/queuePolicy:QueuePolicy",
}
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
LISTENER = "aws:lb/listener:Listener"
REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


def _guarded(resource: Resource) -> Iterator[str]:
    wanted = POLICY_OF.get(resource.type)
    if wanted and not resource.settings(wanted):
        yield f"has no {wanted.rpartition(':')[2]}; add one that denies requests without TLS"


def _tls_only(resource: Resource) -> Iterator[str]:
    if resource.type not in POLICY_OF.values() or not resource.has("policy"):
        return
    if not any(_denies_plain(statement) for statement in resource.statements()):
        yield "allows requests without TLS; deny them where aws:SecureTransport is false"


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
    elif resource.type == LISTENER:
        redirects = resource["defaultActions.redirect.protocol"] == "HTTPS"
        if resource["protocol"] == "HTTP" and not redirects:
            yield "serves HTTP; listen for HTTPS, or redirect to it"
    elif resource.type == REPLICATION_GROUP and not resource.has("transitEncryptionEnabled"):
        yield "is reached without TLS; set transitEncryptionEnabled"


RULES = (
    Rule("tls-policy", "Every bucket, queue and topic has a policy of its own.", _guarded, True),
    Rule("tls-only", "That policy refuses requests without TLS.", _tls_only),
    Rule("https", "Distributions, load balancers and caches speak TLS.", _https),
)
